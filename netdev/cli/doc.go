// Package cli opens a device's command line over SSH and reads from it: a
// transport with pinned host keys and credentials that stay inside their
// scope, a session that learns the exact prompt, and a reader that turns bytes
// into one command's text. It is the only door to x/crypto/ssh and scrapligo.
//
// It refuses to know whether a text is a whole configuration (configstore/pull
// judges that), where credentials are kept, and what any vendor's devices are
// like: all of that comes in as values.
package cli
