import type { HandshakeKind } from '../../rtmp/index.ts'
import { ClientHandshake, HANDSHAKE_PACKET_BYTES, HANDSHAKE_VERSION } from '../../rtmp/index.ts'
import type { CheckConnection } from '../check-connection.ts'
import { type Probe, ProbeFailure, ProbeUnknown } from '../probe.ts'
import type { ProbeBench } from '../probe-bench.ts'

/** Bytes of S0, S1 and S2. */
const ANSWER_BYTES = 1 + 2 * HANDSHAKE_PACKET_BYTES
/** How much later than it could a slow client sends C2, ms. */
const LATE_C2_MS = 700

/** How connections begin. */
export const handshakeProbes: readonly Probe[] = [
  {
    id: 'handshake.simple',
    title: 'simple handshake: S0 is 3, S2 repeats C1',
    reference: 'Adobe RTMP 1.0, 5.2.2 to 5.2.4',
    async run(bench): Promise<void> {
      const { connection, c1 } = await beginByHand(bench)
      const answer = await wholeAnswer(connection)
      if (answer[0] !== HANDSHAKE_VERSION) {
        throw new ProbeFailure(`S0 is ${answer[0]}`)
      }
      await finishByHand(connection, answer)
      const s2 = answer.subarray(1 + HANDSHAKE_PACKET_BYTES)
      // Time and the time it was read stand in the first eight bytes.
      if (Buffer.compare(s2.subarray(8), c1.subarray(8)) !== 0) {
        throw new ProbeFailure('S2 does not repeat the random bytes of C1')
      }
    },
  },
  digestProbe('handshake.digest-schema-0', 'key-first', 'complex handshake, schema 0 (key first)'),
  digestProbe('handshake.digest-schema-1', 'digest-first', 'complex handshake, schema 1 (digest first)'),
  {
    id: 'handshake.wrong-version',
    title: 'version 9 in C0: answered with 3, or closed',
    reference: 'Adobe RTMP 1.0, 5.2.2',
    async run(bench): Promise<void> {
      const connection = await bench.open()
      connection.write(new ClientHandshake({ kind: 'simple' }).opening.with(0, 9))
      const answered = (): true | null => connection.handshakeBytes.length > 0 || connection.closed || null
      await connection
        .waitFor('an answer to version 9, or the end of the connection', answered)
        .catch(() => {})
      const [version] = connection.handshakeBytes
      if (version !== undefined && version !== HANDSHAKE_VERSION) {
        throw new ProbeFailure(`S0 is ${version}`)
      }
      if (version === undefined && !connection.closed) {
        throw new ProbeUnknown('neither answered nor closed in the time allowed')
      }
      await bench.stillServes()
    },
  },
  {
    id: 'handshake.byte-by-byte',
    title: 'C0, C1 and C2 in packets of one byte',
    reference: 'Adobe RTMP 1.0, 5.2.1 (a byte stream has no packets)',
    async run(bench): Promise<void> {
      const connection = await bench.open()
      await writeSlowly(bench, connection, new ClientHandshake({ kind: 'simple' }).opening)
      const answer = await wholeAnswer(connection)
      await writeSlowly(bench, connection, answer.subarray(1, 1 + HANDSHAKE_PACKET_BYTES))
      connection.beginMessages(ANSWER_BYTES)
      await connection.connectApp()
    },
  },
  {
    id: 'handshake.late-c2',
    title: `C2 comes ${LATE_C2_MS} ms after S2`,
    reference: 'Adobe RTMP 1.0, 5.2.5',
    async run(bench): Promise<void> {
      const { connection } = await beginByHand(bench)
      const answer = await wholeAnswer(connection)
      await bench.pause(LATE_C2_MS)
      await finishByHand(connection, answer)
    },
  },
  {
    id: 'handshake.c2-with-connect',
    title: 'C2 and connect in one packet',
    reference: 'Adobe RTMP 1.0, 5.2.5 (a byte stream has no packets)',
    async run(bench): Promise<void> {
      const { connection } = await beginByHand(bench)
      const answer = await wholeAnswer(connection)
      connection.hold()
      connection.write(answer.subarray(1, 1 + HANDSHAKE_PACKET_BYTES))
      connection.beginMessages(ANSWER_BYTES)
      const connected = connection.connectApp()
      connection.release()
      await connected
    },
  },
]

/** A handshake with digests; the server must prove that it knows them, as Flash asks before it plays H.264. */
function digestProbe(id: string, kind: HandshakeKind, title: string): Probe {
  return {
    id,
    title,
    reference: 'field (Flash Player 9 and later, FFmpeg, librtmp)',
    async run(bench): Promise<void> {
      const connection = await bench.open()
      const answered = await connection.shakeHands(kind)
      await connection.connectApp()
      // Clients look for the server's digest in both places.
      if (answered === 'simple') {
        throw new ProbeFailure('answered without a digest: players that ask for one leave')
      }
    },
  }
}

async function beginByHand(bench: ProbeBench): Promise<{ connection: CheckConnection; c1: Uint8Array }> {
  const connection = await bench.open()
  const { opening } = new ClientHandshake({ kind: 'simple' })
  connection.write(opening)
  return { connection, c1: opening.subarray(1) }
}

async function wholeAnswer(connection: CheckConnection): Promise<Buffer> {
  return await connection.waitFor('S0, S1 and S2', () =>
    connection.handshakeBytes.length >= ANSWER_BYTES
      ? connection.handshakeBytes.subarray(0, ANSWER_BYTES)
      : null,
  )
}

/** C2 repeats S1; then a connect must be answered. */
async function finishByHand(connection: CheckConnection, answer: Buffer): Promise<void> {
  connection.write(answer.subarray(1, 1 + HANDSHAKE_PACKET_BYTES))
  connection.beginMessages(ANSWER_BYTES)
  await connection.connectApp()
}

/** A byte a packet, as far as the system lets it. */
async function writeSlowly(bench: ProbeBench, connection: CheckConnection, bytes: Uint8Array): Promise<void> {
  for (let i = 0; i < bytes.length && !connection.closed; i++) {
    connection.write(bytes.subarray(i, i + 1))
    if (i % 16 === 0) {
      await bench.pause(0)
    }
  }
}
