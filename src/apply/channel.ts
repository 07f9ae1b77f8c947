/** Events from those who work to the one who reads: an async queue with one reader. */
export class Channel<T> {
  private readonly waiting: T[] = []
  private wake: (() => void) | undefined
  private closed = false

  push(value: T): void {
    this.waiting.push(value)
    this.wake?.()
  }

  close(): void {
    this.closed = true
    this.wake?.()
  }

  /** Everything pushed, in order, until the channel is closed and empty. */
  async *drain(): AsyncGenerator<T, void, void> {
    while (true) {
      for (const value of this.waiting.splice(0)) yield value
      if (this.waiting.length > 0) continue
      if (this.closed) return
      await new Promise<void>((resolve) => {
        this.wake = resolve
      })
      this.wake = undefined
    }
  }
}
