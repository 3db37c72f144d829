import { toError } from '../../../base/index.ts'
import {
  copyWithoutCodec,
  type EngineOptions,
  engineProblems,
  readExecTemplate,
} from '../../../ffmpeg/index.ts'
import type { Block } from './config.ts'
import { engineOf } from './engines-of.ts'
import type { Findings } from './findings.ts'
import { placeOf } from './read-config.ts'
import type { ENGINE } from './rows/engines.ts'
import type { VhostConfig } from './schema.ts'

type EngineRows = (typeof ENGINE)['rows']

/** The directives of what may be wrong with an engine. */
const DIRECTIVES: Partial<Record<keyof EngineOptions, keyof EngineRows>> = {
  output: 'output',
  videoCodec: 'vcodec',
  audioCodec: 'acodec',
  profile: 'vprofile',
  preset: 'vpreset',
}

/** Looks at what a vhost runs beside the server: transcode, ingest and exec. */
export function checkPrograms({ transcode, ingest, exec }: VhostConfig['values'], findings: Findings): void {
  for (const block of transcode.filter(isOn)) {
    const engines = block.values.engine.filter(isOn)
    if (engines.length === 0) {
      findings.notice(
        placeOf(block),
        "transcode is on, and makes nothing: say 'engine NAME { enabled on; ... }' in it",
      )
    }
    for (const engine of engines) {
      checkEngine(engine, engineOf(engine), findings)
    }
  }
  checkIngests(ingest, findings)
  checkExec(exec, findings)
}

function checkExec(exec: VhostConfig['values']['exec'], findings: Findings): void {
  if (!isOn(exec)) {
    return
  }
  for (const publish of exec.values.publish) {
    try {
      readExecTemplate(publish.value)
    } catch (error) {
      findings.fault(placeOf(publish), toError(error).message)
    }
  }
  if (exec.values.publish.length === 0) {
    findings.notice(placeOf(exec), "exec is on, and runs nothing: say 'publish PROGRAM ARGUMENT...;' in it")
  }
}

function checkIngests(ingests: VhostConfig['values']['ingest'], findings: Findings): void {
  const ids = new Set<string>()
  for (const ingest of ingests) {
    const { input, engine } = ingest.values
    const id = ingest.names[0] ?? ''
    if (ids.has(id)) {
      findings.fault(
        placeOf(ingest),
        `there are two ingests '${id}' in this vhost: expected an ID of its own for each`,
      )
    }
    ids.add(id)
    if (!isOn(ingest)) {
      continue
    }
    if ((input.values.url.value ?? '') === '') {
      findings.fault(
        placeOf(ingest),
        `ingest '${id}' has no input: expected 'input { type file; url PATH; }' in it`,
      )
    }
    if (engine.length === 0) {
      findings.fault(
        placeOf(ingest),
        `ingest '${id}' has no engine: expected 'engine { output rtmp://127.0.0.1:[port]/live?vhost=[vhost]/STREAM; }' in it`,
      )
    }
    for (const each of engine) {
      checkEngine(each, copyWithoutCodec(engineOf(each)), findings)
    }
  }
}

function checkEngine(block: Block<EngineRows>, engine: EngineOptions, findings: Findings): void {
  const name = engine.name === '' ? 'engine' : `engine '${engine.name}'`
  for (const { setting, problem } of engineProblems(engine)) {
    const directive = DIRECTIVES[setting] ?? setting
    const node = directive in block.values ? block.values[directive as 'output'] : block
    findings.fault(placeOf(node) ?? placeOf(block), `${name}: ${directive} ${problem}`)
  }
  for (const [directive, pairs] of [
    ['perfile', block.values.perfile],
    ['vfilter', block.values.vfilter],
    ['vparams', block.values.vparams],
    ['aparams', block.values.aparams],
  ] as const) {
    for (const pair of pairs.filter(({ words }) => words.length > 1)) {
      const first = pair.words[0] ?? ''
      findings.notice(
        placeOf(pair),
        `${name}: of ${directive}.${pair.name} '${first}' alone counts, as in SRS: put quotes round all of it`,
      )
    }
  }
}

function isOn({ values: { enabled } }: Block<{ enabled: { kind: 'on-off'; default: string } }>): boolean {
  return enabled.value
}
