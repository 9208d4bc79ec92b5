import type { Duplex } from 'node:stream';
import { createAgent } from 'ssh2';
import type { BaseAgent } from 'ssh2';

type StreamCallback = (error: Error | null | undefined, stream?: Duplex) => void;

/** An agent whose connections can be ended. */
export interface AgentLink {
  readonly agent: BaseAgent;
  close(): void;
}

/**
 * Makes ssh2's agent for a socket or pipe.
 *
 * ssh2 has no way to end a question to an agent that never answers; the connection would stay open for as long as the
 * process lives.
 */
export function linkAgent(path: string): AgentLink {
  const agent = createAgent(path) as BaseAgent & { getStream?(callback: StreamCallback): void };
  const streams = new Set<Duplex>();
  let closed = false;
  const open = agent.getStream?.bind(agent);
  if (open) {
    agent.getStream = (callback) =>
      open((error, stream) => {
        if (stream) {
          streams.add(stream);
          stream.once('close', () => streams.delete(stream));
          if (closed) stream.destroy();
        }
        callback(error, stream);
      });
  }
  return {
    agent,
    close: () => {
      closed = true;
      for (const stream of streams) stream.destroy();
    },
  };
}
