// Package platform says what the world's devices are like, as data: one YAML
// file a platform under data/, with fixtures under testdata/. A file says how
// a device is recognised, walked, logged in to, read, judged complete, cleaned
// and parsed.
// What a wireless controller manages for others is data too: access_points
// (AccessPoints) says where it lists its access points and what each column
// of that list tells.
//
// It refuses to do any of that: it loads, checks and chooses. No Go file of
// it names a vendor.
package platform
