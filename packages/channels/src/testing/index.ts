export { SteppableClock } from "./clock.ts";
