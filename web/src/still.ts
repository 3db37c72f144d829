const MAX_STILL_WIDTH = 960

/**
 * Draws the picture a video shows now, so that something stays in its place while it is reloaded.
 * Does nothing if there is none; what was drawn before stays.
 */
export function drawStill(video: HTMLVideoElement, still: HTMLCanvasElement): void {
  const { videoWidth, videoHeight } = video
  if (video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA || videoWidth === 0) {
    return
  }
  const scale = Math.min(1, MAX_STILL_WIDTH / videoWidth)
  still.width = Math.round(videoWidth * scale)
  still.height = Math.round(videoHeight * scale)
  still.getContext('2d')?.drawImage(video, 0, 0, still.width, still.height)
}

/** Makes it transparent again. */
export function clearStill(still: HTMLCanvasElement): void {
  still.width = 0
  still.height = 0
}
