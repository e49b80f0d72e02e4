import { write } from "../database/operation.ts";
import { claimEvent } from "./claim-event.ts";

export const changeFeedOperations = {
  /**
   * Returns whether this process publishes an event that all servers have read: true for the first that claims it. A
   * server that dies between its commit and its claim leaves the event to another.
   */
  claim: write(claimEvent),
};
