import { plotSteps } from "../report/steps.ts";
import type { DeployResult, Restart } from "./plan.ts";

const colours: Readonly<Record<Restart, string>> = { SIGTERM: "#1f7a5a", "kill -9": "#d9822b" };

/** How many were back and level after which time. */
export function plot({ measurements }: DeployResult): string {
  const lines = measurements.map(({ restart, sinceSignalHundredths }) => ({
    name: restart,
    colour: colours[restart],
    hundredths: sinceSignalHundredths,
  }));
  return plotSteps("Connections that were back and level over the time since the signal", [
    { title: "back and level after the signal", lines },
  ]);
}
