import {
  AAC_ENTRY,
  AVC_ENTRY,
  audioEntry,
  box,
  elst,
  encodeMp4,
  esds,
  fullBox,
  type PlainTrack,
  trex,
  uint32,
  videoEntry,
} from '../../support/mp4.ts'
import type { Random } from '../lib/random.ts'

/** An MP4 file of a few tracks and fragments, nearly all of it right. */
export function mp4File(random: Random): Uint8Array {
  const ids = [1, 2, 3, 4].slice(0, 1 + random.small(3))
  const tracks = ids.map((id) => plainTrack(random, id))
  const isFragmented = random.oneIn(2)
  const defaults = tracks.map(({ id }) =>
    trex(id, random.small(100), random.small(20), random.pick([0, 0x10000])),
  )
  const extra = isFragmented ? [box('mvex', ...defaults)] : []
  const fragments = isFragmented ? random.list(random.small(4), () => fragment(random)) : []
  return Buffer.concat([encodeMp4(tracks, ...extra), ...fragments])
}

function plainTrack(random: Random, id: number): PlainTrack {
  const isVideo = random.oneIn(2)
  const samples = random.list(random.small(20), () => ({
    payload: new Uint8Array(random.small(15)),
    duration: random.small(100),
    composition: random.oneIn(3) ? random.small(200) - 50 : 0,
    sync: random.oneIn(5),
  }))
  return {
    id,
    handler: random.oneIn(20) ? 'text' : isVideo ? 'vide' : 'soun',
    timescale: random.oneIn(20) ? random.interesting(0xffffffff) : 1000,
    entries: random.list(1 + random.below(2), () => (isVideo ? visualEntry(random) : soundEntry(random))),
    samples,
    perChunk: 1 + random.small(5),
    wide: random.oneIn(3),
    version: random.pick([0, 1]),
    ...(random.oneIn(4) ? { compactSizeBits: random.pick([4, 8, 16] as const) } : {}),
    ...(random.oneIn(2) ? { edits: [editList(random)] } : {}),
  }
}

function visualEntry(random: Random): Uint8Array {
  return random.oneIn(4)
    ? videoEntry(random.pick(['hev1', 'av01', 'vp09', 'mp4v', 'encv']), box('hvcC', random.bytes(30)))
    : AVC_ENTRY
}

function soundEntry(random: Random): Uint8Array {
  switch (random.below(6)) {
    case 0:
      return audioEntry('Opus', box('dOps', random.bytes(random.small(15))))
    case 1:
      return audioEntry('fLaC', fullBox('dfLa', 0, 0, random.bytes(random.small(40))))
    case 2:
      return audioEntry('mp4a', esds(random.below(256), [...random.bytes(random.small(5))]))
    case 3:
      return audioEntry('mp4a', box('wave', esds(0x40, [0x12, 0x10])))
    default:
      return AAC_ENTRY
  }
}

function editList(random: Random): Uint8Array {
  const edits = random.list(random.small(3), () => {
    const time = random.oneIn(4) ? -1 : random.oneIn(10) ? random.interesting(0x7fffffff) : random.small(500)
    return [random.small(1000), time] as const
  })
  return elst(...edits)
}

function fragment(random: Random): Uint8Array {
  const trafs = random.list(random.small(3), () => {
    const flags = random.pick([0, 0x20000, 0x20, 0x1a])
    const fields = random.list(random.small(6), () => random.small(300))
    const runFlags = random.pick([0, 1, 5, 0x101, 0x301, 0xf01])
    const count = random.oneIn(30) ? random.interesting(0xffffffff) : random.small(10)
    const run = random.list(4 * Math.min(count, 10) + 2, () => random.small(100))
    return box(
      'traf',
      fullBox('tfhd', 0, flags, uint32(1 + random.small(3), ...fields)),
      ...(random.oneIn(2) ? [fullBox('tfdt', 0, 0, uint32(random.interesting(0xffffffff)))] : []),
      fullBox('trun', random.below(2), runFlags, uint32(count, ...run)),
    )
  })
  return Buffer.concat([box('moof', ...trafs), box('mdat', random.bytes(random.small(50)))])
}
