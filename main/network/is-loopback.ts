/** Whether an address is of this computer itself, where nothing on the wire reads along. */
export const isLoopback = (url: string | URL): boolean => ['127.0.0.1', '[::1]', 'localhost'].includes(new URL(url).hostname);
