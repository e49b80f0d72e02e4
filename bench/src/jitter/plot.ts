import { plotSteps } from "../report/steps.ts";
import { type Contestant, contestants, type Measurement, type Phase } from "./plan.ts";

const colours: Readonly<Record<Contestant, string>> = {
  multichat: "#1f7a5a",
  "socket.io": "#8a8f98",
  "socket.io recovery": "#d9822b",
};
const titles: Readonly<Record<Phase, string>> = {
  jitter: "caught up after the connection was open, dropping one by one",
  wave: "the same, all dropping at once",
};

/** How many of those that came level were so after which time. */
export function plot(measurements: readonly Measurement[]): string {
  const panels = (["jitter", "wave"] as const).map((phase) => ({
    title: titles[phase],
    lines: contestants.flatMap((name) =>
      measurements
        .filter((one) => one.contestant === name && one.phase === phase && one.catchUpMs.count > 0)
        .map(({ catchUpHundredths }) => ({ name, colour: colours[name], hundredths: catchUpHundredths })),
    ),
  }));
  return plotSteps("Connections that were level again over the time since they were open", panels);
}
