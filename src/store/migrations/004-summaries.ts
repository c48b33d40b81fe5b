// Schema 4: messages that stand for older ones in what a model is sent. What they replace stays as it is.
export const summaries = `
ALTER TABLE messages ADD COLUMN summary TEXT;
CREATE INDEX messages_summaries ON messages(session, position) WHERE summary IS NOT NULL;
`;
