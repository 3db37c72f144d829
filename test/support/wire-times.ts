const MARK = 0xffffff

/** What a reader of wire bytes found: a frame's kind, and its times as the format has them. */
export type WireFrame = Readonly<{ kind: 'audio' | 'video'; dts: number; pts: number }>

// Readers of their own, of the few shapes that the server writes: they share no code with what they look at.

/** Reads the audio and video frames of whole RTMP messages, each of one type 0 chunk and type 3 chunks (Adobe RTMP 1.0, 5.3.1). */
export function readRtmp(bytes: Uint8Array, chunkSize: number, onFrame: (frame: WireFrame) => void): void {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let at = 0; at < view.length; ) {
    const basic = view.readUInt8(at)
    require(basic >> 6 === 0, `a type ${basic >> 6} chunk begins a message`)
    const short = view.readUIntBE(at + 1, 3)
    const length = view.readUIntBE(at + 4, 3)
    const type = view.readUInt8(at + 7)
    const extended = short === MARK
    const time = extended ? view.readUInt32BE(at + 12) : short
    require(!extended || time >= MARK, `an extended timestamp for ${time}`)
    at += extended ? 16 : 12
    const body = at
    for (let left = length; left > chunkSize; left -= chunkSize) {
      at += chunkSize
      require(view.readUInt8(at) === 0xc0 + basic, 'a message does not go on with a type 3 chunk')
      require(!extended || view.readUInt32BE(at + 1) === time, 'the extended timestamp is not repeated')
      at += extended ? 5 : 1
    }
    at += length % chunkSize === 0 && length > 0 ? chunkSize : length % chunkSize
    if (isMedia(type, view.readUInt8(body + 1))) {
      onFrame(frame(type, time, type === 9 ? view.readIntBE(body + 2, 3) : 0))
    }
  }
}

/** Reads the audio and video frames of whole FLV tags, behind the file header if there is one (Adobe Video File Format 10.1, E.4.1). */
export function readFlv(bytes: Uint8Array, onFrame: (frame: WireFrame) => void): void {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let at = view.readUInt8(0) === 0x46 ? 13 : 0; at < view.length; ) {
    const type = view.readUInt8(at)
    const length = view.readUIntBE(at + 1, 3)
    const time = view.readUInt8(at + 7) * 2 ** 24 + view.readUIntBE(at + 4, 3)
    if (isMedia(type, view.readUInt8(at + 12))) {
      onFrame(frame(type, time, type === 9 ? view.readIntBE(at + 13, 3) : 0))
    }
    at += 11 + length
    require(view.readUInt32BE(at) === 11 + length, 'PreviousTagSize is wrong')
    at += 4
  }
}

/**
 * The frames of an MPEG-TS segment (ISO/IEC 13818-1, 2.4.3), in 90 kHz ticks of 33 bits, and its clock references.
 * @param pids which is whose
 */
export function readSegment(
  bytes: Uint8Array,
  pids: Readonly<{ audio: number; video: number }>,
): { frames: WireFrame[]; clocks: number[] } {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const frames: WireFrame[] = []
  const clocks: number[] = []
  for (let at = 0; at < view.length; at += 188) {
    require(view.readUInt8(at) === 0x47, 'a transport packet is out of place')
    const pid = view.readUInt16BE(at + 1) % 0x2000
    const starts = view.readUInt8(at + 1) >= 0x40 && view.readUInt8(at + 1) % 0x80 >= 0x40
    const control = (view.readUInt8(at + 3) >> 4) & 3
    const adaptation = control >= 2 ? 1 + view.readUInt8(at + 4) : 0
    if (adaptation >= 8 && (view.readUInt8(at + 5) & 0x10) !== 0) {
      clocks.push(view.readUInt32BE(at + 6) * 2 + (view.readUInt8(at + 10) >> 7))
    }
    const kind = pid === pids.video ? 'video' : pid === pids.audio ? 'audio' : null
    if (kind !== null && starts && control % 2 === 1) {
      const pes = at + 4 + adaptation
      const pts = ticksAt(view, pes + 9)
      frames.push({ kind, pts, dts: view.readUInt8(pes + 7) >= 0xc0 ? ticksAt(view, pes + 14) : pts })
    }
  }
  return { frames, clocks }
}

/** 33 bits in three parts with a marker bit behind each. */
function ticksAt(view: Buffer, at: number): number {
  const high = (view.readUInt8(at) >> 1) & 7
  return high * 2 ** 30 + (view.readUInt16BE(at + 1) >> 1) * 2 ** 15 + (view.readUInt16BE(at + 3) >> 1)
}

/** Not a sequence header: AACPacketType or AVCPacketType 1. */
function isMedia(type: number, packetType: number): boolean {
  return (type === 8 || type === 9) && packetType === 1
}

function frame(type: number, dts: number, compositionOffset: number): WireFrame {
  return { kind: type === 9 ? 'video' : 'audio', dts, pts: dts + compositionOffset }
}

function require(holds: boolean, otherwise: string): void {
  if (!holds) {
    throw new Error(otherwise)
  }
}
