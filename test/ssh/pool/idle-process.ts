// Runs one command on a pool with the default idle time, and ends when nothing keeps it alive.
import { ConnectionPool } from '../../../ssh/pool/connection-pool';
import { execOnPool } from '../../../ssh/pool/exec-on-pool';
import { poolLimits } from '../../../ssh/pool/pool-options';
import { PATIENT, request, targetOf } from '../support/engine';

const [port = '', user = '', clientKeyFile = '', hostFingerprint = ''] = process.argv.slice(2);
const server = { address: '127.0.0.1', port: Number(port), user, clientKeyFile, hostFingerprint };
const pool = new ConnectionPool(poolLimits());
void execOnPool(pool, targetOf(server, { shareKey: 'x' }), request('true'), { deadlines: PATIENT }).then(() => {
  process.stdout.write('done\n');
});
