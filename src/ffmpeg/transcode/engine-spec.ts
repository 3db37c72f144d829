import type { StreamName } from '../../live/index.ts'
import type { EngineOptions } from '../engine/index.ts'
import type { TranscodeOptions } from './options.ts'

/** One engine of a stream, as the settings have it. */
export type EngineSpec = Readonly<{
  /** The same for the same engine, whatever its settings. */
  key: string
  /** The program; null looks for `ffmpeg` in `PATH`. */
  ffmpeg: string | null
  /** What is made. */
  engine: EngineOptions
}>

/** The engines for a stream: of all blocks whose scope it is in, those of the virtual host first, then the application's, then its own. */
export function engineSpecs(
  transcode: readonly TranscodeOptions[],
  { app, stream }: StreamName,
): EngineSpec[] {
  const specs = new Map<string, EngineSpec>()
  for (const wanted of ['', app, `${app}/${stream}`]) {
    for (const { scope, ffmpeg, engines } of transcode) {
      for (const engine of scope === wanted ? engines : []) {
        const name = `${scope} ${engine.name}`
        const others = [...specs.keys()].filter((key) => key === name || key.startsWith(`${name}#`))
        const key = others.length === 0 ? name : `${name}#${others.length + 1}`
        specs.set(key, { key, ffmpeg, engine })
      }
    }
  }
  return [...specs.values()]
}
