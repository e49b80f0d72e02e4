// Prints the test files that import any of the given files, directly or not, as JSON: node list-related-tests.mjs CONFIG
// FILE... Without a file it prints every test file.
import { createVitest } from "vitest/node";

const [config = "", ...files] = process.argv.slice(2);
const options = { config, run: true, watch: false, reporters: [] };
const vitest = await createVitest("test", files.length === 0 ? options : { ...options, related: files });
const specifications = await vitest.getRelevantTestSpecifications();
await vitest.close();
console.log(JSON.stringify([...new Set(specifications.map(({ moduleId }) => moduleId))]));
