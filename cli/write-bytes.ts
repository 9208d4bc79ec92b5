/** Writes bytes as they are; settles when they are out of this process, so that whoever waits holds the source up. */
export async function writeBytes(stream: NodeJS.WriteStream, bytes: Buffer): Promise<void> {
  // The error also comes as an event, which would end the process.
  if (stream.listenerCount('error') === 0) stream.on('error', () => undefined);
  return new Promise((resolve, reject) => {
    stream.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}
