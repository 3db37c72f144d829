import { A128, BOTH, type ChunkCase, COMPACT, fill, m, READ_ONLY } from './chunk-case.ts'

/** Times past 2^24, with and without the extended timestamp, in every dialect there is. */
export const lateTimeCases: readonly ChunkCase[] = [
  {
    name: 'the last timestamp without and the first with the extended field',
    wire: '06 fffffe 000001 09 01000000 aa  07 ffffff 000001 09 01000000 00ffffff bb',
    messages: [m(6, 9, 1, 0xfffffe, 'aa'), m(7, 9, 1, 0xffffff, 'bb')],
    written: BOTH,
  },
  {
    name: 'the largest timestamp',
    wire: '07 ffffff 000001 09 01000000 ffffffff bb',
    messages: [m(7, 9, 1, 0xffffffff, 'bb')],
    written: BOTH,
  },
  {
    name: 'the extended timestamp repeated in every type 3 chunk',
    wire: `07 ffffff 000101 09 01000000 01020304 ${A128} c7 01020304 ${fill(128, 'bb')} c7 01020304 cc`,
    messages: [m(7, 9, 1, 0x01020304, `${A128}${fill(128, 'bb')}cc`)],
    written: BOTH,
  },
  {
    name: 'the extended timestamp left out of type 3 chunks',
    wire: `07 ffffff 000104 09 01000000 01020304 ${A128} c7 ${fill(128, 'bb')} c7 01020305`,
    messages: [m(7, 9, 1, 0x01020304, `${A128}${fill(128, 'bb')}01020305`)],
    written: READ_ONLY,
  },
  {
    name: 'the extended timestamp left out where less than four payload bytes remain',
    wire: `07 ffffff 000082 09 01000000 01020304 ${A128} c7 0102 06 000000 000001 08 01000000 dd`,
    messages: [m(7, 9, 1, 0x01020304, `${A128}0102`), m(6, 8, 1, 0, 'dd')],
    written: READ_ONLY,
  },
  {
    name: 'the extended timestamp left out where one payload byte remains, and left out again behind it',
    wire: `07 ffffff 000081 09 01000000 c7020304 ${A128} c7 c7
      07 ffffff 000082 09 01000000 07020304 ${A128} c7 0702  03 000000 000001 08 01000000 dd`,
    messages: [
      m(7, 9, 1, 0xc7020304, `${A128}c7`),
      m(7, 9, 1, 0x07020304, `${A128}0702`),
      m(3, 8, 1, 0, 'dd'),
    ],
    written: READ_ONLY,
  },
  {
    name: 'an absolute time in the extended timestamp of types 1 and 2',
    wire: `07 ffffff 000001 09 01000000 01000000 aa  47 ffffff 000002 09 01000028 bbbb
      87 ffffff 01000050 cccc  87 000001 dddd`,
    messages: [
      m(7, 9, 1, 0x01000000, 'aa'),
      m(7, 9, 1, 0x01000028, 'bbbb'),
      m(7, 9, 1, 0x01000050, 'cccc'),
      m(7, 9, 1, 0x01000051, 'dddd'),
    ],
    written: READ_ONLY,
  },
  {
    name: 'a type 3 chunk that begins a message after an extended timestamp, and has one itself',
    wire: '07 ffffff 000001 09 01000000 01000000 aa  c7 01000028 bb',
    messages: [m(7, 9, 1, 0x01000000, 'aa'), m(7, 9, 1, 0x01000028, 'bb')],
    written: READ_ONLY,
  },
  {
    name: 'a type 3 chunk that begins a long message, whose own extended timestamp is then repeated or left out',
    wire: `07 ffffff 000081 09 01000000 01000000 ${A128} c7 01000000 bb
      c7 01000028 ${A128} c7 01000028 cc  c7 01000050 ${A128} c7 dd`,
    messages: [
      m(7, 9, 1, 0x01000000, `${A128}bb`),
      m(7, 9, 1, 0x01000028, `${A128}cc`),
      m(7, 9, 1, 0x01000050, `${A128}dd`),
    ],
    written: READ_ONLY,
  },
  {
    name: 'a long message whose type 3 chunks have the extended timestamp here and leave it out there',
    wire: `07 ffffff 000184 09 01000000 01020304 ${A128} c7 01020304 ${fill(128, 'bb')} c7 ${fill(128, 'cc')} c7 01020304 dddddddd
      07 ffffff 000082 09 01000000 01020305 ${A128} c7 eeee`,
    messages: [
      m(7, 9, 1, 0x01020304, `${A128}${fill(128, 'bb')}${fill(128, 'cc')}dddddddd`),
      m(7, 9, 1, 0x01020305, `${A128}eeee`),
    ],
    written: READ_ONLY,
  },
  {
    name: 'a type 3 chunk that begins a message of the same time after an extended timestamp, and has none, as from librtmp',
    wire: `04 ffffff 000003 08 01000000 01020304 af0111  c4 af0122
      04 ffffff 000081 08 01000000 01020304 ${A128} c4 01020304 bb  c4 af${fill(127, 'cc')} c4 01`,
    messages: [
      m(4, 8, 1, 0x01020304, 'af0111'),
      m(4, 8, 1, 0x01020304, 'af0122'),
      m(4, 8, 1, 0x01020304, `${A128}bb`),
      m(4, 8, 1, 0x01020304, `af${fill(127, 'cc')}01`),
    ],
    written: READ_ONLY,
  },
  {
    name: 'a negative delta in the extended timestamp, as librtmp goes back, of types 1 and 2',
    wire: `04 0003e8 000001 09 01000000 aa  44 ffffff 000002 08 fffffff0 bbbb  84 ffffff fffffff8 cccc  84 000010 dddd
      04 ffffff 000001 09 01000000 80000008 aa  44 ffffff 000002 08 fffffff0 bbbb`,
    messages: [
      m(4, 9, 1, 1000, 'aa'),
      m(4, 8, 1, 984, 'bbbb'),
      m(4, 8, 1, 976, 'cccc'),
      m(4, 8, 1, 992, 'dddd'),
      m(4, 9, 1, 0x80000008, 'aa'),
      m(4, 8, 1, 0x7ffffff8, 'bbbb'),
    ],
    written: READ_ONLY,
  },
  {
    name: 'a negative delta that goes back over 2^24 and 2^32, repeated in type 3 chunks and left out',
    wire: `04 ffffff 000001 09 01000000 01000008 aa  44 ffffff 000081 09 fffffff0 ${A128} c4 fffffff0 bb
      04 000008 000001 09 01000000 aa  44 ffffff 000081 09 fffffff0 ${A128} c4 bb`,
    messages: [
      m(4, 9, 1, 0x1000008, 'aa'),
      m(4, 9, 1, 0xfffff8, `${A128}bb`),
      m(4, 9, 1, 8, 'aa'),
      m(4, 9, 1, 0xfffffff8, `${A128}bb`),
    ],
    written: READ_ONLY,
  },
  {
    name: 'a small delta in the extended timestamp past 2^24, again in type 3 chunks that begin and continue messages',
    wire: `07 ffffff 000001 09 01000000 01000000 aa  47 ffffff 000081 09 00000028 ${A128} c7 00000028 bb
      c7 00000028 ${A128} c7 00000028 cc`,
    messages: [
      m(7, 9, 1, 0x1000000, 'aa'),
      m(7, 9, 1, 0x1000028, `${A128}bb`),
      m(7, 9, 1, 0x1000050, `${A128}cc`),
    ],
    written: READ_ONLY,
  },
  {
    name: 'a delta too large for 24 bits, as by the standard',
    wire: '07 002710 000001 09 01000000 aa  47 ffffff 000001 09 01312d00 bb  87 ffffff fe000000 cc',
    messages: [m(7, 9, 1, 10_000, 'aa'), m(7, 9, 1, 20_010_000, 'bb'), m(7, 9, 1, 4_281_422_864, 'cc')],
    written: READ_ONLY,
  },
  {
    name: 'an absolute time in the extended timestamp of types 1 and 2 that is far off, from who is known to write it so',
    wire: `07 ffffff 000001 09 01000000 01000000 aa  47 ffffff 000001 08 01000028 bb  87 ffffff 02000000 cc
      87 ffffff 01000050 dd`,
    messages: [
      m(7, 9, 1, 0x1000000, 'aa'),
      m(7, 8, 1, 0x1000028, 'bb'),
      m(7, 8, 1, 0x2000000, 'cc'),
      m(7, 8, 1, 0x1000050, 'dd'),
    ],
    written: READ_ONLY,
  },
  {
    name: 'an absolute time in the extended timestamp of type 3 that passes 2^32, and comes back',
    wire: '07 ffffff 000001 09 01000000 fffffff0 aa  c7 00000018 bb  c7 fffffff8 cc',
    messages: [m(7, 9, 1, 0xfffffff0, 'aa'), m(7, 9, 1, 0x18, 'bb'), m(7, 9, 1, 0xfffffff8, 'cc')],
    written: READ_ONLY,
  },
  {
    name: 'times that pass 2^31, and go back over it',
    wire: '07 ffffff 000001 09 01000000 7ffffff0 aa  87 000028 bb  c7 cc  07 ffffff 000001 09 01000000 7ffffff0 dd',
    messages: [
      m(7, 9, 1, 0x7ffffff0, 'aa'),
      m(7, 9, 1, 0x80000018, 'bb'),
      m(7, 9, 1, 0x80000040, 'cc'),
      m(7, 9, 1, 0x7ffffff0, 'dd'),
    ],
    written: COMPACT,
  },
  {
    name: 'times that go back over 2^24 and 2^32 with type 0 chunks',
    wire: `07 ffffff 000001 09 01000000 01000010 aa  07 fffff0 000001 09 01000000 bb
      07 000010 000001 09 01000000 cc  07 ffffff 000001 09 01000000 fffffff0 dd`,
    messages: [
      m(7, 9, 1, 0x1000010, 'aa'),
      m(7, 9, 1, 0xfffff0, 'bb'),
      m(7, 9, 1, 0x10, 'cc'),
      m(7, 9, 1, 0xfffffff0, 'dd'),
    ],
    written: BOTH,
  },
  {
    name: 'the largest delta, and with type 0 a time past it',
    wire: '07 000000 000001 09 01000000 aa  87 fffffe bb  06 000000 000001 09 01000000 cc  06 ffffff 000001 09 01000000 00ffffff dd',
    messages: [
      m(7, 9, 1, 0, 'aa'),
      m(7, 9, 1, 0xfffffe, 'bb'),
      m(6, 9, 1, 0, 'cc'),
      m(6, 9, 1, 0xffffff, 'dd'),
    ],
    written: COMPACT,
  },
  {
    name: 'small deltas after an extended timestamp',
    wire: '07 ffffff 000001 09 01000000 01000000 aa  87 000028 bb  c7 cc',
    messages: [m(7, 9, 1, 0x01000000, 'aa'), m(7, 9, 1, 0x01000028, 'bb'), m(7, 9, 1, 0x01000050, 'cc')],
    written: COMPACT,
  },
  {
    name: 'deltas that pass 2^24 without an extended timestamp',
    wire: '07 ffffe0 000001 09 01000000 aa  87 000028 bb  c7 cc',
    messages: [m(7, 9, 1, 0xffffe0, 'aa'), m(7, 9, 1, 0x1000008, 'bb'), m(7, 9, 1, 0x1000030, 'cc')],
    written: COMPACT,
  },
  {
    name: 'deltas that pass 2^32 and wrap',
    wire: '07 ffffff 000001 09 01000000 fffffff0 aa  87 000028 bb  c7 cc',
    messages: [m(7, 9, 1, 0xfffffff0, 'aa'), m(7, 9, 1, 0x18, 'bb'), m(7, 9, 1, 0x40, 'cc')],
    written: READ_ONLY,
  },
]
