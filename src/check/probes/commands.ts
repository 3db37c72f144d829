import type { Amf0Object } from '../../media/index.ts'
import {
  type Command,
  encodeCommand,
  encodeData,
  encodeUserControl,
  encodeWindowAcknowledgementSize,
  type Message,
  MessageType,
  UserControlEvent,
} from '../../rtmp/index.ts'
import { describeStatus, statusCode, statusLevel } from '../check-connection.ts'
import { type Probe, ProbeFailure, ProbeUnknown } from '../probe.ts'
import { Relay } from '../relay.ts'

/** How long a connection is watched that must not end, ms. */
const STAYS_OPEN_MS = 300

/** What OBS says in its connect. */
const OBS_CONNECT: Amf0Object = {
  fourCcList: ['av01', 'hvc1', 'avc1', 'mp4a'],
  capsEx: 2,
  videoFourCcInfoMap: { av01: 2, hvc1: 2, avc1: 2 },
}

/** Commands, in the orders in which clients send them. */
export const commandProbes: readonly Probe[] = [
  {
    id: 'connect.result',
    title: 'connect is answered with NetConnection.Connect.Success',
    reference: 'Adobe RTMP 1.0, 7.2.1.1',
    async run(bench): Promise<void> {
      const connection = await bench.shakeHands()
      requireSuccess(await connection.connectApp())
    },
  },
  {
    id: 'connect.no-tcurl',
    title: 'connect without tcUrl: taken or refused, and others are served',
    reference: 'Adobe RTMP 1.0, 7.2.1.1 (tcUrl is one of the properties)',
    async run(bench): Promise<void> {
      const connection = await bench.shakeHands()
      connection.command('connect', [{ app: bench.setup.target.app }])
      await settled(connection.waitForCommand('an answer to connect', isAnswer))
      await bench.stillServes()
    },
  },
  {
    id: 'connect.amf3',
    title: 'connect as an AMF3 command message, objectEncoding 3',
    reference: 'Adobe RTMP 1.0, 7.1.1 (message type 17)',
    async run(bench): Promise<void> {
      const connection = await bench.shakeHands()
      const { app, tcUrl } = bench.setup.target
      const { payload, ...message } = encodeCommand('connect', 1, [{ app, tcUrl, objectEncoding: 3 }])
      // In the field it is AMF0 behind one zero byte.
      const amf3 = Buffer.concat([Uint8Array.of(0), payload])
      connection.send({ ...message, type: MessageType.commandAmf3, payload: amf3 })
      requireSuccess(await connection.result('connect', 1))
    },
  },
  {
    id: 'connect.fourcc-list',
    title: 'connect with fourCcList, capsEx and info maps, as OBS sends them',
    reference: 'Enhanced RTMP v2, "Enhancing NetConnection connect Command"',
    async run(bench): Promise<void> {
      const relay = await bench.relay(OBS_CONNECT)
      await relay.passes('a frame')
    },
  },
  {
    id: 'dialect.fmle',
    title: 'FMLE: releaseStream, FCPublish, createStream, publish; FCUnpublish, deleteStream',
    reference: 'field; Adobe RTMP 1.0, 7.2.2.6',
    async run(bench): Promise<void> {
      const relay = await bench.relay()
      await relay.passes('a frame')
      const { publisher } = relay
      publisher.command('FCUnpublish', [null, 'any'])
      publisher.command('deleteStream', [null, relay.streamId])
      const again = bench.newName()
      const streamId = await publisher.createStream()
      const from = publisher.messages.length
      publisher.command('publish', [null, bench.argument(again), 'live'], streamId)
      await publisher.started('Publish', from)
    },
  },
  {
    id: 'dialect.flash',
    title: 'Flash: createStream, publish; no FCPublish',
    reference: 'Adobe RTMP 1.0, 7.2.2.6 and 7.3.1',
    async run(bench): Promise<void> {
      const connection = await bench.connect({ flashVer: 'WIN 32,0,0,465', swfUrl: 'http://host/p.swf' })
      const streamId = await connection.createStream()
      connection.command('publish', [null, bench.argument(bench.newName()), 'live'], streamId)
      await connection.started('Publish')
    },
  },
  {
    id: 'dialect.ffmpeg-publish',
    title: 'FFmpeg: _checkbw before publish, @setDataFrame; the player gets onMetaData',
    reference: 'field; Adobe RTMP 1.0, 7.1.2',
    async run(bench): Promise<void> {
      const name = bench.newName()
      const connection = await bench.connect({ flashVer: 'FMLE/3.0 (compatible; Lavf59.27.100)' })
      const argument = bench.argument(name)
      connection.command('releaseStream', [null, argument])
      connection.command('FCPublish', [null, argument])
      const streamId = await connection.createStream()
      connection.command('_checkbw', [null])
      connection.command('publish', [null, argument, 'live'], streamId)
      await connection.started('Publish')
      connection.send(
        encodeData(
          ['@setDataFrame', 'onMetaData', { width: 160, height: 120, encoder: 'Lavf59.27.100' }],
          streamId,
        ),
      )
      const relay = await Relay.begin(connection, streamId, () => bench.play(name))
      await relay.whileGoingOn(
        relay.player.waitFor(
          'onMetaData at the player',
          () => relay.player.messages.find(isMetadata) ?? null,
        ),
      )
    },
  },
  {
    id: 'dialect.ffmpeg-play',
    title: 'FFmpeg: getStreamLength and _checkbw before play, SetBufferLength',
    reference: 'field; Adobe RTMP 1.0, 7.2.2.1 and 7.1.7',
    async run(bench): Promise<void> {
      const name = bench.newName()
      const { connection, streamId } = await bench.publish(name)
      const relay = await Relay.begin(connection, streamId, async () => {
        const player = await bench.connect({ flashVer: 'LNX 9,0,124,2', capabilities: 15, audioCodecs: 4071 })
        player.send(encodeWindowAcknowledgementSize(2_500_000))
        const playStream = await player.createStream()
        player.command('_checkbw', [null])
        player.command('getStreamLength', [null, bench.argument(name)])
        player.command('play', [null, bench.argument(name), -2000], playStream)
        player.send(encodeUserControl(UserControlEvent.setBufferLength, playStream))
        await player.started('Play')
        return player
      })
      await relay.passes('a frame')
    },
  },
  {
    id: 'dialect.publish-uncreated',
    title: 'publish on message stream 1 without createStream',
    reference: 'field (hardware encoders)',
    async run(bench): Promise<void> {
      const connection = await bench.connect()
      connection.command('publish', [null, bench.argument(bench.newName()), 'live'], 1)
      await connection.started('Publish')
    },
  },
  {
    id: 'dialect.pipelined',
    title: 'connect, createStream and publish in one packet',
    reference: 'field (clients that save round trips)',
    async run(bench): Promise<void> {
      const connection = await bench.shakeHands()
      const { app, tcUrl } = bench.setup.target
      connection.send(
        encodeCommand('connect', 1, [{ app, tcUrl, flashVer: 'FMLE/3.0' }]),
        encodeCommand('createStream', 2, [null]),
        encodeCommand('publish', 3, [null, bench.argument(bench.newName()), 'live'], 1),
      )
      await connection.started('Publish')
    },
  },
  {
    id: 'dialect.close-and-play-again',
    title: 'closeStream, then play again on the same connection',
    reference: 'Adobe RTMP 1.0, 7.2.2; field (players that pause)',
    async run(bench): Promise<void> {
      const name = bench.newName()
      const { connection, streamId } = await bench.publish(name)
      const relay = await Relay.begin(connection, streamId, () => bench.play(name))
      await relay.passes('a frame')
      const { player } = relay
      player.command('closeStream', [null], 1)
      const from = player.messages.length
      const playStream = await player.createStream()
      player.command('play', [null, bench.argument(name), -2000], playStream)
      await relay.whileGoingOn(player.started('Play', from))
      await relay.passes('a frame of the second play')
    },
  },
  {
    id: 'command.unknown',
    title: 'an unknown command does not end the connection',
    reference: 'Adobe RTMP 1.0, 7.2.1.2 (call)',
    async run(bench): Promise<void> {
      const connection = await bench.connect()
      connection.command('srsCheckUnknownCall', [null, 1])
      if (!(await connection.staysOpen(STAYS_OPEN_MS))) {
        throw new ProbeFailure('the connection was closed')
      }
      await connection.createStream()
    },
  },
  {
    id: 'command.play-before-publish',
    title: 'a player that comes before the publisher gets the stream',
    reference: 'Adobe RTMP 1.0, 7.2.2.1 (start -2); field',
    async run(bench): Promise<void> {
      const name = bench.newName()
      const player = await bench.play(name)
      const { connection, streamId } = await bench.publish(name)
      const relay = await Relay.begin(connection, streamId, async () => player)
      await relay.passes('a frame')
    },
  },
  {
    id: 'command.second-publisher',
    title: 'a second publisher of a stream: refused, or takes over; never both',
    reference: 'Adobe RTMP 1.0, 7.2.2.6 (publish)',
    async run(bench): Promise<void> {
      const name = bench.newName()
      const { connection, streamId } = await bench.publish(name)
      const relay = await Relay.begin(connection, streamId, () => bench.play(name))
      await relay.passes('a frame')
      const outcome = await relay.whileGoingOn(
        bench.publish(name).then(
          () => 'accepted',
          (error: unknown) => (error instanceof ProbeFailure ? error.message : Promise.reject(error)),
        ),
      )
      if (outcome.includes(' ms')) {
        throw new ProbeUnknown(`the second publisher: ${outcome}`)
      }
      if (outcome !== 'accepted') {
        await relay.passes('a frame of the first publisher, who was there before')
        return
      }
      const told = (): true | null => connection.closed || connection.commands.some(isEnd) || null
      await relay.whileGoingOn(
        connection.waitFor('word to the first publisher that another has taken its place', told),
      )
    },
  },
]

function requireSuccess(result: Command): void {
  if (statusCode(result) !== 'NetConnection.Connect.Success') {
    throw new ProbeFailure(`the result of connect says '${describeStatus(result)}'`)
  }
}

function isAnswer({ name }: Command): boolean {
  return name === '_result' || name === '_error'
}

function isEnd(command: Command): boolean {
  return statusLevel(command) === 'error' || /Unpublish/.test(statusCode(command))
}

function isMetadata({ type, payload }: Message): boolean {
  return type === MessageType.dataAmf0 && Buffer.from(payload).includes('onMetaData')
}

/** Waits for an answer, or for that there is none. */
async function settled(waiting: Promise<unknown>): Promise<void> {
  await waiting.catch((error: unknown) => {
    if (!(error instanceof ProbeFailure)) {
      throw error
    }
  })
}
