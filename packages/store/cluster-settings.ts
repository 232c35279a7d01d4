import { totalmem } from 'node:os';

const mebibyte = 1024 * 1024;

/**
 * Settings of the embedded PostgreSQL.
 *
 * Nothing that a statement carries may reach its log, because parameters and the primary text of an ERROR can hold
 * PHI (invalid input syntax for type uuid: "…"): errors go to the client only (`log_min_messages = log`), and what
 * is logged comes without DETAIL, STATEMENT or parameters.
 */
export function clusterSettings(connections: number, overrides: Readonly<Record<string, string>> = {}) {
  const memory_mb = Math.floor(totalmem() / mebibyte);
  const shared_mb = Math.min(1024, Math.max(128, Math.floor(memory_mb / 16)));
  const settings: Record<string, string> = {
    // Reached through a socket inside PGDATA (mode 0700) and with a password; never through the network.
    listen_addresses: '',
    unix_socket_directories: '.',
    unix_socket_permissions: '0700',
    password_encryption: 'scram-sha-256',
    // Durability: an acknowledged write survives kill -9 and power loss.
    fsync: 'on',
    full_page_writes: 'on',
    synchronous_commit: 'on',
    restart_after_crash: 'on',
    // A small machine, shared with Node.
    max_connections: String(connections),
    shared_buffers: `${shared_mb}MB`,
    effective_cache_size: `${Math.max(256, Math.floor(memory_mb / 2))}MB`,
    work_mem: '8MB',
    maintenance_work_mem: '64MB',
    max_wal_size: '2GB',
    wal_compression: 'on',
    max_parallel_workers_per_gather: '0',
    jit: 'off',
    // After a load of many thousand resources the planner is to know of them within seconds.
    autovacuum_naptime: '10s',
    // The log: seven files, one a weekday, outside PGDATA; see above for what it leaves out.
    logging_collector: 'on',
    log_directory: '../log',
    log_filename: 'postgresql-%a.log',
    log_file_mode: '0600',
    log_rotation_age: '1d',
    log_rotation_size: '0',
    log_truncate_on_rotation: 'on',
    log_timezone: 'UTC',
    timezone: 'UTC',
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
    log_statement: 'none',
    log_duration: 'off',
    log_min_duration_statement: '-1',
    log_parameter_max_length: '0',
    log_parameter_max_length_on_error: '0',
  };
  return Object.entries({ ...settings, ...overrides }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}
