export * from './reload-plan.ts'
export * from './reloader.ts'
export { type ServerState, serverStateOf } from './server-state.ts'
export { type SettingChange, settingChanges } from './setting-changes.ts'
