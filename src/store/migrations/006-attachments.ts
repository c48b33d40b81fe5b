// Schema 6: parts that are files, to be found without reading all others: what no part names is not kept.
export const attachments = `
CREATE INDEX parts_of_files ON parts(key) WHERE kind = 'file';
`;
