import { OPTIONS, RULES } from "./scripts/lib/wall-rules.mjs";

export default { forbidden: RULES, options: OPTIONS };
