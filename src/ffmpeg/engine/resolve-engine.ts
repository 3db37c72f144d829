import { ServerError } from '../../base/index.ts'
import { defaultEngineOptions, type EngineOptions, type EngineSettings } from './engine-options.ts'
import { engineProblems } from './engine-problems.ts'

/**
 * An engine with every default.
 * @param owner what it belongs to, for messages, e.g. 'transcode live'
 * @throws ServerError ERR_CONFIGURATION that says what is wrong
 */
export function resolveEngine(settings: EngineSettings, owner: string): EngineOptions {
  const said = Object.entries(settings).filter(([, value]) => value !== undefined)
  const engine: EngineOptions = { ...defaultEngineOptions, output: '', ...Object.fromEntries(said) }
  const [first] = engineProblems(engine)
  if (first !== undefined) {
    const { setting, problem } = first
    throw new ServerError('ERR_CONFIGURATION', `${owner} engine '${engine.name}': ${setting} ${problem}`)
  }
  return engine
}
