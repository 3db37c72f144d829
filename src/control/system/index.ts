export * from './answers.ts'
export {
  type ReadSystemFile,
  SYSTEM_SAMPLE_MS,
  type SystemOptions,
  SystemReadings,
  type SystemSample,
} from './system-readings.ts'
