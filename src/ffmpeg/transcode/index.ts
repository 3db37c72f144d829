export * from './options.ts'
export type { OwnRtmpAddress, TranscodeServiceSetup, TranscodeVhost } from './setup.ts'
export * from './transcode-service.ts'
