// Writes src/protocol/schema/asyncapi.json from the schemas: node scripts/make-asyncapi.ts. A test compares the two.
import fs from "node:fs";
import { asyncapiText } from "../src/protocol/schema/asyncapi.ts";

fs.writeFileSync(new URL("../src/protocol/schema/asyncapi.json", import.meta.url), asyncapiText());
