import { OPTIONS, RULES } from "./scripts/lib/import-rules/index.mjs";

export default { forbidden: RULES, options: OPTIONS };
