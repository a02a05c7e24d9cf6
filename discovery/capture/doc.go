// Package capture turns frames, live from an interface or out of a capture
// file, into what they say of the devices that sent them: one Message a frame
// of the discovery, redundancy, routing and host protocols it knows, and a
// Sighting ready to become evidence. Every decoder is its own, bounded by the
// frame it reads, and never allocates by a length that the frame states. It
// refuses to know what is already known of a network, and never answers,
// sends or believes a frame about third parties.
package capture
