/** An answer other than 200 to a method of edgeAgent: 400 for what the caller got wrong, 500 for everything else (RequestManager.cs). */
export class MethodError extends Error {
  readonly status: 400 | 500;

  constructor(status: 400 | 500, message: string) {
    super(message);
    this.status = status;
  }
}
