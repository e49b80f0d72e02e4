import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestChat } from "../support/chat-server.ts";

const read = (path: string) => readFileSync(new URL(`../../../../${path}`, import.meta.url), "utf8");
const page = read("docs/operations/metrics.md");
const runbook = read("docs/operations/runbook.md");
const alerts = read("deploy/prometheus/multichat-alerts.yml");
const dashboard = read("deploy/grafana/multichat.json");

let chat: TestChat;
/** The type of each metric of a running server. */
let exposed: Map<string, string>;
beforeAll(async () => {
  chat = await TestChat.start();
  const text = await (await fetch(`${chat.url}/metrics`)).text();
  exposed = new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = "", type = ""]) => [name, type]));
});
afterAll(() => chat.close());

interface Row {
  readonly metric: string;
  readonly type: string;
  readonly unit: string;
  readonly meaning: string;
  readonly alerts: readonly string[];
}

const rows: readonly Row[] = [
  ...page.matchAll(/^\| `(multichat_\w+)` \| (\w+) \| ([^|]*) \| ([^|]*) \| ([^|]*)\|$/gm),
].map(([, metric = "", type = "", unit = "", meaning = "", alert = ""]) => ({
  metric,
  type,
  unit: unit.trim(),
  meaning: meaning.trim(),
  alerts: [...alert.matchAll(/\[(\w+)\]\(runbook\.md#(\w+)\)/g)].map(([, name = ""]) => name),
}));

interface Alert {
  readonly name: string;
  readonly expression: string;
  readonly severity: string | undefined;
  readonly summary: string | undefined;
  readonly runbook: string | undefined;
}

const rules: readonly Alert[] = alerts
  .split(/^ {6}- alert: /m)
  .slice(1)
  .map((rule) => ({
    name: rule.split("\n", 1)[0] ?? "",
    expression: /^ {8}expr: (.+)$/m.exec(rule)?.[1] ?? "",
    severity: /^ {10}severity: (.+)$/m.exec(rule)?.[1],
    summary: /^ {10}summary: "(.+)"$/m.exec(rule)?.[1],
    runbook: /^ {10}runbook: (.+)$/m.exec(rule)?.[1],
  }));

/** Returns the metrics that an expression names; a histogram is exposed under several names. */
function metricsOf(expression: string): readonly string[] {
  return [...expression.matchAll(/multichat_\w+/g)].map(([name]) => name.replace(/_(?:bucket|count|sum)$/, ""));
}

test("the page lists exactly the metrics of a running server, with their types", () => {
  expect(Object.fromEntries(rows.map(({ metric, type }) => [metric, type]))).toEqual(Object.fromEntries(exposed));
  expect(rows).toHaveLength(exposed.size);
  for (const { metric, unit, meaning } of rows)
    expect([metric, unit !== "", meaning !== ""]).toEqual([metric, true, true]);
});

test("the page names exactly the alerts that use each metric", () => {
  const used = new Map<string, Set<string>>();
  for (const { name, expression } of rules) {
    for (const metric of metricsOf(expression)) used.set(metric, (used.get(metric) ?? new Set()).add(name));
  }
  for (const { metric, alerts: named } of rows) {
    expect([metric, named.toSorted()]).toEqual([metric, [...(used.get(metric) ?? [])].sort()]);
  }
});

describe("the alert rules", () => {
  test("are complete, and each has a section of the runbook", () => {
    expect(rules.length).toBeGreaterThan(10);
    expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
    const sections = [...runbook.matchAll(/^## (\w+)$/gm)].map(([, title]) => title);
    expect(sections).toEqual(rules.map(({ name }) => name));
    for (const { name, expression, severity, summary, runbook: link } of rules) {
      expect(expression, name).not.toBe("");
      expect(["critical", "warning"], name).toContain(severity);
      expect(summary, name).toBeDefined();
      expect(link).toBe(`docs/operations/runbook.md#${name.toLowerCase()}`);
    }
  });

  test("name only metrics that exist", () => {
    for (const { name, expression } of rules) {
      const metrics = metricsOf(expression);
      if (name !== "MultichatDown") expect(metrics.length, name).toBeGreaterThan(0);
      for (const metric of metrics) expect([...exposed.keys()], name).toContain(metric);
    }
  });

  test("each section of the runbook says what is noticed, and names a metric", () => {
    const sections = runbook.split(/^## /m).slice(1);
    for (const section of sections) {
      const [title = ""] = section.split("\n", 1);
      expect(section, title).toMatch(/\*\*Symptom\*\*: .+ \*\*Metric\*\*: `\w+`/);
      for (const metric of metricsOf(section)) expect([...exposed.keys()], title).toContain(metric);
    }
  });
});

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string; readonly refId: string }[];
}

describe("the dashboard", () => {
  const { panels, templating, uid, schemaVersion } = JSON.parse(dashboard) as {
    readonly panels: readonly Panel[];
    readonly templating: { readonly list: readonly { readonly name: string }[] };
    readonly uid: string;
    readonly schemaVersion: number;
  };

  test("has panels with ids of their own that do not overlap", () => {
    expect(uid).toBe("multichat");
    expect(schemaVersion).toBeGreaterThanOrEqual(36);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, i) => `${x + (i % w)} ${y + Math.floor(i / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    for (const { gridPos } of panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
  });

  test("queries only metrics that exist, with variables that it defines", () => {
    const names = new Set(templating.list.map(({ name }) => name));
    const graphs = panels.filter(({ type }) => type !== "row");
    expect(graphs.length).toBeGreaterThan(8);
    for (const { title, targets = [] } of graphs) {
      expect(targets.length, title).toBeGreaterThan(0);
      for (const { expr } of targets) {
        const metrics = metricsOf(expr);
        expect(metrics.length, expr).toBeGreaterThan(0);
        for (const metric of metrics) expect([...exposed.keys()], title).toContain(metric);
        for (const [, variable = ""] of expr.matchAll(/\$(?!__)(\w+)/g)) expect([...names], expr).toContain(variable);
      }
    }
    for (const [, metric = ""] of dashboard.matchAll(/(multichat_\w+)/g)) {
      expect([...exposed.keys()]).toContain(metricsOf(metric)[0]);
    }
  });
});
