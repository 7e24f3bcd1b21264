import { BlobServiceClient } from '@azure/storage-blob';
import { ConfigError } from '@edgeveil/contracts';

const KEY_BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/**
 * A client of the storage account that the connection string names: account key, shared access signature, or
 * `UseDevelopmentStorage=true`. The SDK's own retries are off: the spool's are the only ones, so that a bad line is seen,
 * logged and waited for in one place. Opens no connection.
 * @throws ConfigError `STORAGE_NOT_CONFIGURED` when there is none, or only the unexpanded name of the variable.
 * @throws ConfigError `STORAGE_CONNECTION_STRING_INVALID`; neither message nor cause holds any part of it, for it is a secret.
 */
export function openStorageAccount(connectionString: string | undefined): BlobServiceClient {
  const text = connectionString?.trim() ?? '';
  // A manifest's `$NAME` that had no value in .env reaches the module as it is written
  if (text === '' || /^\$\{?[A-Za-z_][A-Za-z0-9_]*\}?$/.test(text)) {
    throw new ConfigError('STORAGE_NOT_CONFIGURED', 'EDGEVEIL_STORAGE_CONNECTION_STRING is not set');
  }
  if (/^UseDevelopmentStorage=true;?$/i.test(text)) return open(text);
  const parts = new Map<string, string>();
  for (const part of text.split(';')) {
    if (part.trim() === '') continue;
    const equals = part.indexOf('=');
    if (equals < 1) throw invalid('is not of the form Name=Value;Name=Value');
    parts.set(part.slice(0, equals).trim(), part.slice(equals + 1).trim());
  }
  const problem = whatIsMissing(parts);
  if (problem !== undefined) throw invalid(problem);
  // The SDK knows no defaults, though every Azure tool does
  if (parts.has('AccountKey')) {
    if (!parts.has('DefaultEndpointsProtocol')) parts.set('DefaultEndpointsProtocol', 'https');
    if (!parts.has('EndpointSuffix')) parts.set('EndpointSuffix', 'core.windows.net');
  }
  return open([...parts].map(([name, value]) => `${name}=${value}`).join(';'));
}

function open(connectionString: string): BlobServiceClient {
  try {
    return BlobServiceClient.fromConnectionString(connectionString, { retryOptions: { maxTries: 1 } });
  } catch {
    throw invalid('the storage SDK does not accept it');
  }
}

function invalid(problem: string): ConfigError {
  return new ConfigError('STORAGE_CONNECTION_STRING_INVALID', `EDGEVEIL_STORAGE_CONNECTION_STRING: ${problem}`, {
    details: { problem },
  });
}

function whatIsMissing(parts: ReadonlyMap<string, string>): string | undefined {
  const endpoint = parts.get('BlobEndpoint');
  if (endpoint !== undefined && !/^https?:\/\//i.test(endpoint)) return 'BlobEndpoint is not an http or https address';
  if (parts.get('SharedAccessSignature')) {
    return endpoint === undefined ? 'SharedAccessSignature needs BlobEndpoint' : undefined;
  }
  if (!parts.get('AccountName')) return 'AccountName is missing';
  const key = parts.get('AccountKey');
  if (!key) return 'AccountKey is missing';
  return KEY_BASE64.test(key) ? undefined : 'AccountKey is not base64';
}
