// Memory of the sse kernel, in order. Constants only: asc and tsc both read this file.
//
//   STATE      what a run answers beside its record count (i32 each, offsets below)
//   COUNTS     the last value of each count field (u32 each); STATE_COUNTS has a bit for each that this run saw
//   SCHEMA     written once by the host: which keys are wanted (src/kernels/sse-layout.ts writes it)
//   LOG        scalars of the event that is walked, for learning a template
//   TEMPLATES  learned event shapes
//   NEST       one byte a level of nesting
//   RECORDS    16 bytes a record: tag, byteLength, utf16Length or address in IN, unused
//   OUT        unescaped UTF-8 text of the records, back to back; unescaping never lengthens, so OUT = IN suffices
//   IN         provider bytes; the kernel puts SENTINEL zero bytes behind the last one, they stop every scan
export const STATE = 0x0;
export const STATE_CONSUMED = 0x0;
export const STATE_OUT_BYTES = 0x4;
export const STATE_WIDE = 0x8;
export const STATE_SCANNED = 0xc;
export const STATE_MORE = 0x10;
export const STATE_HITS = 0x14;
export const STATE_COUNTS = 0x18;
// The rest lies at the begin of IN already: no record points into it.
export const STATE_MOVED = 0x1c;

// Count fields are below 31: one bit each in a signed word.
export const COUNTS = 0x100;
export const COUNT_FIELDS_MAX = 31;

export const SCHEMA = 0x400;
export const SCHEMA_BYTES = 0x3000;

export const LOG = 0x3800;
export const LOG_ENTRIES_MAX = 96;
export const LOG_ENTRY_BYTES = 16;

export const TEMPLATES = 0x4000;
export const TEMPLATES_MAX = 12;
export const TEMPLATE_BYTES = 0x2000;
// Within a template: header, scalars (as in the log), operations, then the bytes of the event it was learned from.
export const TEMPLATE_SCALARS = 0x20;
export const TEMPLATE_OPS = 0x640;
export const TEMPLATE_OP_BYTES = 16;
export const TEMPLATE_TEXT = 0xc80;
// The rest of a template less what SIMD reads past the end.
export const TEMPLATE_TEXT_MAX = 0x1360;

export const NEST = 0x1c000;
export const NEST_MAX = 0x20000;

export const RECORDS = 0x3c000;
export const RECORDS_MAX = 4096;
export const RECORD_BYTES = 16;

export const OUT = 0x4c000;
export const IN = 0x6d000;
export const IN_BYTES = 0x20000;
export const SENTINEL = 64;
export const MEMORY_PAGES = 9;

// A record's tag: field in bits 0..7, kind in 8..11, flags in 12..15, context in 16..31.
export const KIND_TEXT = 0x0;
export const KIND_RAW = 0x100;
export const KIND_EVENT = 0x200;
export const KIND_DONE = 0x300;
export const KIND_ERROR_EVENT = 0x400;
export const KIND_COUNT = 0x500;
export const KIND_MASK = 0xf00;
export const FLAG_RUN = 0x1000;
export const FLAG_HEAD = 0x2000;
export const FIELD_MASK = 0xff;
export const CONTEXT_SHIFT = 16;
export const CONTEXT_MAX = 0xfffe;

// An object node of the schema: u32 entries, u32 scope, u32 cases (0 = none), u32 tag told at its end (0 = none), then entries of
// {u32 keyLength, u32 kind, u32 arg, u32 group, key}.
export const NODE_HEAD_BYTES = 16;
// A scope must have its context, or is of context 0 without one.
export const SCOPE_REQUIRED = 1;
export const SCOPE_OPTIONAL = 2;
export const ENTRY_BYTES = 48;
export const ENTRY_KEY = 16;
export const KEY_BYTES_MAX = 32;
export const ENTRY_OBJECT = 1;
export const ENTRY_ARRAY = 2;
export const ENTRY_ARRAY_FIRST = 3;
export const ENTRY_TEXT = 4;
export const ENTRY_RAW = 5;
export const ENTRY_CONTEXT = 6;
export const ENTRY_FLAG = 7;
export const ENTRY_COUNT = 8;
export const ENTRY_WHOLE = 9;
export const ENTRY_JSON = 10;

// Cases: u32 count, u32 keyLength, u32 unused, u32 unused, key (KEY_BYTES_MAX), then cases of {u32 valueLength, u32 node, value}.
export const CASES_KEY = 16;
export const CASES_HEAD_BYTES = 48;
export const CASE_BYTES = 56;
export const CASE_VALUE = 8;
export const CASE_VALUE_BYTES_MAX = 48;
