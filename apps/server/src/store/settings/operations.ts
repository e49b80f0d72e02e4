import { read, write } from "../database/operation.ts";
import { readSettings, updateSettings } from "./settings.ts";

export const settingsOperations = {
  get: read(readSettings),
  /** Changes the given settings and returns all of them. */
  update: write(updateSettings),
};
