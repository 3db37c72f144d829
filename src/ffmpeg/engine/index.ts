export * from './engine-options.ts'
export * from './engine-problems.ts'
export * from './resolve-engine.ts'
