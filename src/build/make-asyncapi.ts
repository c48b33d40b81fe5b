// Writes src/protocol/schema/asyncapi.json from the schemas: node src/build/make-asyncapi.ts. A test compares the two.
import fs from "node:fs";
import { asyncapiText } from "../protocol/schema/asyncapi.ts";

fs.writeFileSync(new URL("../protocol/schema/asyncapi.json", import.meta.url), asyncapiText());
