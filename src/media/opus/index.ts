export { OPUS_SAMPLE_RATE, parseOpusChannelCount } from './identification-header.ts'
