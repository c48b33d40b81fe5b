// Schema 3: plan mode, and sessions that agents work in for another one: these are in no list and found by their parent.
export const agents = `
ALTER TABLE sessions ADD COLUMN plan INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN agent TEXT;
CREATE INDEX sessions_of_agents ON sessions(parent, key) WHERE agent IS NOT NULL;
`;
