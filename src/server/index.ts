export * from './options.ts'
export * from './server.ts'
export type { ServerAddress } from './server-address.ts'
export type { ListenerPurpose } from './wanted-listeners.ts'
