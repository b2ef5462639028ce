// What went wrong, for the one who looks at the page.

export class Notice {
  /** Stays until it is dismissed. */
  message = $state<string>();

  /** Waits for something; a failure becomes the message. */
  async watch<T>(work: Promise<T>): Promise<T | undefined> {
    try {
      return await work;
    } catch (error) {
      const { message, remedy } = error as Error & { remedy?: string };
      this.message = [message, remedy].filter(Boolean).join(" ");
      return undefined;
    }
  }
}
