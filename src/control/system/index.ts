export * from './answers.ts'
export * from './runtime-readings.ts'
export {
  defaultSystemOptions,
  type ReadSystemFile,
  SYSTEM_SAMPLE_MS,
  type SystemOptions,
  SystemReadings,
  type SystemSample,
} from './system-readings.ts'
