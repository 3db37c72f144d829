import { A100, A128, BOTH, type ChunkCase, COMPACT, fill, m, READ_ONLY } from './chunk-case.ts'
import { lateTimeCases } from './late-time-cases.ts'

/** One table for reading, writing, cutting and fuzzing. */
export const chunkCases: readonly ChunkCase[] = [
  {
    name: 'a type 0 chunk',
    wire: '03 000000 000002 14 00000000 aabb',
    messages: [m(3, 20, 0, 0, 'aabb')],
    written: BOTH,
  },
  {
    name: 'the message stream id with its least significant byte first',
    wire: '08 0003e8 000001 09 01020304 aa',
    messages: [m(8, 9, 0x04030201, 1000, 'aa')],
    written: BOTH,
  },
  {
    name: 'the largest message stream id',
    wire: '08 0003e8 000001 09 ffffffff aa',
    messages: [m(8, 9, 0xffffffff, 1000, 'aa')],
    written: BOTH,
  },
  {
    name: 'chunks of type 1, 2 and 3 that begin messages',
    wire: '06 0003e8 000001 09 01000000 aa  46 000028 000002 08 bbcc  86 000014 ddee  c6 ff00  86 000000 1122',
    messages: [
      m(6, 9, 1, 1000, 'aa'),
      m(6, 8, 1, 1040, 'bbcc'),
      m(6, 8, 1, 1060, 'ddee'),
      m(6, 8, 1, 1080, 'ff00'),
      m(6, 8, 1, 1080, '1122'),
    ],
    written: COMPACT,
  },
  {
    name: 'another message stream, and a timestamp that goes back, with type 0 chunks',
    wire: '06 0003e8 000001 09 01000000 aa  06 0003e8 000001 09 02000000 bb  06 0003e7 000001 09 02000000 cc',
    messages: [m(6, 9, 1, 1000, 'aa'), m(6, 9, 2, 1000, 'bb'), m(6, 9, 2, 999, 'cc')],
    written: BOTH,
  },
  {
    name: 'a type 3 chunk after type 0, whose timestamp is then the delta',
    wire: '06 0003e8 000001 09 01000000 aa  c6 bb  c6 cc',
    messages: [m(6, 9, 1, 1000, 'aa'), m(6, 9, 1, 2000, 'bb'), m(6, 9, 1, 3000, 'cc')],
    written: READ_ONLY,
  },
  {
    name: 'a type 2 chunk after type 0, because a repeated delta would be ambiguous',
    wire: '06 0003e8 000001 09 01000000 aa  86 0003e8 bb',
    messages: [m(6, 9, 1, 1000, 'aa'), m(6, 9, 1, 2000, 'bb')],
    written: COMPACT,
  },
  {
    name: 'a first chunk of type 1, as librtmp sends its ping',
    wire: '42 000000 000006 04 0007 00000001',
    messages: [m(2, 4, 0, 0, '000700000001')],
    written: READ_ONLY,
  },
  {
    name: 'chunk stream ids of one, two and three bytes',
    wire: `02 000000 000001 09 00000000 a0  3f 000000 000001 09 00000000 a1
      00 00 000000 000001 09 00000000 a2  00 ff 000000 000001 09 00000000 a3
      01 0001 000000 000001 09 00000000 a4  01 ffff 000000 000001 09 00000000 a5`,
    messages: [
      m(2, 9, 0, 0, 'a0'),
      m(63, 9, 0, 0, 'a1'),
      m(64, 9, 0, 0, 'a2'),
      m(319, 9, 0, 0, 'a3'),
      m(320, 9, 0, 0, 'a4'),
      m(65599, 9, 0, 0, 'a5'),
    ],
    written: BOTH,
  },
  {
    name: 'chunk streams of two and three bytes that continue and repeat',
    wire: `01 0001 000000 000081 09 00000000 ${A128} c1 0001 bb  00 ff 000001 000001 09 00000000 a3
      80 ff 000001 a4  c0 ff a5`,
    messages: [
      m(320, 9, 0, 0, `${A128}bb`),
      m(319, 9, 0, 1, 'a3'),
      m(319, 9, 0, 2, 'a4'),
      m(319, 9, 0, 3, 'a5'),
    ],
    written: COMPACT,
  },
  {
    name: 'a chunk stream id of three bytes that would fit into two, as the same stream',
    wire: '00 00 0003e8 000001 09 00000000 a0  81 0000 000001 a1',
    messages: [m(64, 9, 0, 1000, 'a0'), m(64, 9, 0, 1001, 'a1')],
    written: READ_ONLY,
  },
  ...lateTimeCases,
  {
    name: 'a payload of exactly one chunk, and of one byte more',
    wire: `07 000000 000080 09 01000000 ${A128}  47 000000 000081 09 ${A128} c7 bb`,
    messages: [m(7, 9, 1, 0, A128), m(7, 9, 1, 0, `${A128}bb`)],
    written: COMPACT,
  },
  {
    name: 'a larger chunk size',
    wire: `02 000000 000004 01 00000000 000000c8  07 000000 0000c9 09 01000000 ${fill(200, 'aa')} c7 bb`,
    messages: [m(2, 1, 0, 0, '000000c8'), m(7, 9, 1, 0, `${fill(200, 'aa')}bb`)],
    written: BOTH,
  },
  {
    name: 'the smallest chunk size, and back to a larger one',
    wire: `02 000000 000004 01 00000000 00000001  07 000000 000003 09 01000000 aa c7 bb c7 cc
      82 000000 00 c2 00 c2 00 c2 80`,
    messages: [m(2, 1, 0, 0, '00000001'), m(7, 9, 1, 0, 'aabbcc'), m(2, 1, 0, 0, '00000080')],
    written: COMPACT,
  },
  {
    name: 'a chunk size that changes while a message is under way',
    wire: `07 000000 0000c8 09 01000000 ${A128}  02 000000 000004 01 00000000 00000030
      c7 ${fill(48, 'bb')} c7 ${fill(24, 'cc')}`,
    messages: [m(2, 1, 0, 0, '00000030'), m(7, 9, 1, 0, `${A128}${fill(48, 'bb')}${fill(24, 'cc')}`)],
    written: READ_ONLY,
  },
  {
    name: 'messages on two chunk streams with their chunks interleaved',
    wire: `07 000000 000102 09 01000000 ${A128}  06 000005 000082 08 01000000 ${fill(128, 'bb')}
      c7 ${fill(128, 'cc')}  c6 dddd  c7 eeee`,
    messages: [m(6, 8, 1, 5, `${fill(128, 'bb')}dddd`), m(7, 9, 1, 0, `${A128}${fill(128, 'cc')}eeee`)],
    written: READ_ONLY,
  },
  {
    name: 'an abort of a message under way, after which its chunk stream goes on',
    wire: `07 000064 000102 09 01000000 ${A128}  02 000000 000004 02 00000000 00000007
      47 000028 000001 08 bb  c7 cc`,
    messages: [m(2, 2, 0, 0, '00000007'), m(7, 8, 1, 140, 'bb'), m(7, 8, 1, 180, 'cc')],
    written: READ_ONLY,
  },
  {
    name: 'aborts of an idle chunk stream and of one that never was',
    wire: `07 000064 000001 09 01000000 aa  02 000000 000004 02 00000000 00000007  82 000000 0000ffff
      87 000001 bb`,
    messages: [
      m(7, 9, 1, 100, 'aa'),
      m(2, 2, 0, 0, '00000007'),
      m(2, 2, 0, 0, '0000ffff'),
      m(7, 9, 1, 101, 'bb'),
    ],
    written: COMPACT,
  },
  {
    name: 'message types that nobody knows',
    wire: '07 000000 000001 ff 01000000 aa  47 000000 000001 00 bb',
    messages: [m(7, 255, 1, 0, 'aa'), m(7, 0, 1, 0, 'bb')],
    written: COMPACT,
  },
  {
    name: 'empty messages, which are dropped but count for the time',
    wire: `07 000064 000000 09 01000000  87 000001  c7  47 000001 000001 09 aa
      06 ffffff 000000 09 01000000 01000000  c6 01000028  46 000001 000001 09 bb`,
    messages: [m(7, 9, 1, 103, 'aa'), m(6, 9, 1, 0x01000029, 'bb')],
    written: READ_ONLY,
  },
  {
    name: 'a hundred bytes on each of three chunk streams',
    wire: `04 000000 000064 08 01000000 ${A100} 05 000000 000064 08 01000000 ${A100}
      84 000001 ${A100} c4 ${A100}`,
    messages: [m(4, 8, 1, 0, A100), m(5, 8, 1, 0, A100), m(4, 8, 1, 1, A100), m(4, 8, 1, 2, A100)],
    written: COMPACT,
  },
]
