/** The reason of a signal that ends one attempt of a transfer, where another follows that goes on with what it left. */
export class AttemptInterrupted extends Error {
  constructor() {
    super('the attempt was interrupted; another one goes on with it');
    this.name = 'AttemptInterrupted';
  }
}
