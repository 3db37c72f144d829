export * from './process-settings.ts'
export * from './resolve-vhosts.ts'
export * from './settings.ts'
export * from './vhosts.ts'
