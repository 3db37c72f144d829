import type { ClientInfo } from '../../live/index.ts'
import type { SettingChange } from './setting-changes.ts'

/** What becomes of a part: it goes on as it is, goes on with other settings, is made anew, comes to be or goes. */
export type ReloadAction = 'keep' | 'update' | 'restart' | 'add' | 'remove'

/** What becomes of one part of the server. */
export type ReloadStep = Readonly<{
  /** Which part, e.g. 'listener 127.0.0.1:1935 (RTMP)' or 'virtual host example.com'. */
  component: string
  /** What becomes of it. */
  action: ReloadAction
  /** The settings that change it; none for what stays, comes or goes. */
  changes: readonly SettingChange[]
}>

/** A client that is disconnected. */
export type CutClient = Readonly<{
  /** Who. */
  client: ClientInfo
  /** Whether it publishes or plays. */
  role: 'publisher' | 'player'
  /** Its stream, e.g. 'live/demo'. */
  stream: string
  /** Why. */
  reason: string
}>

/** What a reload does, or has done. */
export type ReloadPlan = Readonly<{
  /** Every part of the server. */
  steps: readonly ReloadStep[]
  /** Those who are disconnected; nobody else is. */
  cut: readonly CutClient[]
  /** What has changed but counts only when the process is started anew. */
  atNextStart: readonly SettingChange[]
}>

/** Whether a reload changes anything. */
export function changesAnything({ steps, atNextStart }: ReloadPlan): boolean {
  return atNextStart.length > 0 || steps.some(({ action }) => action !== 'keep')
}
