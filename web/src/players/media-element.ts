/** Seconds from the playhead to the end of the last buffered range; 0 if nothing is buffered. */
export function bufferedAhead(video: HTMLVideoElement): number {
  return Math.max(0, endOf(video.buffered) - video.currentTime)
}

/**
 * Moves the playhead to `distance` seconds before the end of the last of `ranges`, but not before that range's start.
 * Never moves it backward.
 */
export function seekNearEnd(video: HTMLVideoElement, ranges: TimeRanges, distance: number): void {
  if (ranges.length === 0) {
    return
  }
  const target = Math.max(ranges.start(ranges.length - 1), endOf(ranges) - distance)
  if (target > video.currentTime) {
    video.currentTime = target
  }
}

/** Empties the element, so that it lets go of its decoder and its connection. */
export function emptyElement(video: HTMLVideoElement): void {
  video.removeAttribute('src')
  video.load()
}

/** End of the last range; 0 if there is none. */
export function endOf(ranges: TimeRanges): number {
  return ranges.length === 0 ? 0 : ranges.end(ranges.length - 1)
}

/** Whether a pause is the viewer's wish: browsers pause what plays in a hidden tab, what has ended, and what they can't decode. */
export function isPausedByViewer(video: HTMLVideoElement): boolean {
  return video.paused && !document.hidden && !video.ended && video.error === null
}
