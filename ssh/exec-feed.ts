import type { ClientChannel } from 'ssh2';
import type { ExecConsumer, ExecStdin } from './exec-consumer';

/** Hands the chunks of a channel to a consumer, one after the other, and pauses the channel while it is busy. */
export class ExecFeed {
  #work: Promise<void> | undefined;
  #stopped = false;

  constructor(
    private readonly consumer: ExecConsumer,
    /** When the command was last seen to be alive. */
    private readonly life: { touch(): void },
    private readonly onFault: (error: unknown) => void
  ) {}

  /** Whether nothing can come from the server because of the consumer. */
  get busy(): boolean {
    return this.#work !== undefined || this.consumer.owesStdin === true;
  }

  open(channel: ClientChannel, stdin: string | undefined): void {
    if (!this.consumer.onOpen) channel.end(stdin ?? '');
    else this.#guard(() => this.consumer.onOpen?.(this.#stdinOf(channel)));
  }

  stdout(channel: ClientChannel, chunk: Buffer): void {
    if (this.#work)
      return this.#wait(
        channel,
        this.#work.then(() => this.#take(chunk))
      );
    this.#guard(() => {
      const pending = this.#take(chunk);
      if (pending) this.#wait(channel, pending);
    });
  }

  stderr(chunk: Buffer): void {
    this.#guard(() => this.consumer.onStderr?.(chunk));
  }

  /** Calls back with the consumer's judgement given, once it has nothing pending; not at all after a fault. */
  end(exitCode: number | null, then: () => void): void {
    if (this.#work) {
      void this.#work.then(() => this.end(exitCode, then));
      return;
    }
    this.#guard(() => {
      this.consumer.onEnd(exitCode);
      this.#stopped = true;
      then();
    });
  }

  #stdinOf(channel: ClientChannel): ExecStdin {
    return {
      write: (chunk, onRoom) => {
        this.life.touch();
        channel.write(chunk, (error) => {
          if (error) return;
          this.life.touch();
          onRoom?.();
        });
      },
      end: (chunk) => {
        this.life.touch();
        channel.end(chunk);
      },
    };
  }

  #take(chunk: Buffer): void | Promise<void> {
    return this.#stopped ? undefined : this.consumer.onStdout(chunk);
  }

  #wait(channel: ClientChannel, pending: Promise<void>): void {
    channel.pause();
    const work = pending
      .catch((error: unknown) => this.#fault(error))
      .then(() => {
        if (this.#work !== work) return;
        this.#work = undefined;
        channel.resume();
      });
    this.#work = work;
  }

  #guard(act: () => void): void {
    if (this.#stopped) return;
    try {
      act();
    } catch (error) {
      this.#fault(error);
    }
  }

  #fault(error: unknown): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.onFault(error);
  }
}
