export * from './options.ts'
export {
  type CutClient,
  type ReloadAction,
  type ReloadPlan,
  type ReloadStep,
  type SettingChange,
  settingChanges,
} from './reload/index.ts'
export { DEFAULT_MAX_RTMP_CONNECTIONS } from './rtmp-options.ts'
export * from './server.ts'
export type { ServerAddress } from './server-address.ts'
export type { ReconnectOptions, ServerEvents } from './server-events.ts'
export type { ListenerPurpose } from './wanted-listeners.ts'
