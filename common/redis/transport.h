// How bytes travel to a Redis server and back: over a plain socket, or over TLS on it.
#ifndef TIKHAUL_COMMON_REDIS_TRANSPORT_H_
#define TIKHAUL_COMMON_REDIS_TRANSPORT_H_

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"

namespace tikhaul {

// Used by one thread at a time. Messages of failures do not say which server: the caller does. DEADLINE_EXCEEDED: the
// peer took or sent nothing for as long as `patience`; UNAVAILABLE: it has closed the connection; others: TLS can not
// be had with it as things are, and the message says what to mend. After a failure only the destructor may be called.
class Transport {
 public:
  virtual ~Transport() = default;
  // Sends all of `bytes`.
  virtual absl::Status Send(absl::string_view bytes, absl::Duration patience) = 0;
  // Waits for bytes, puts those that have come into `buffer` and gives their number, which is not 0.
  virtual absl::StatusOr<size_t> Receive(absl::Span<char> buffer, absl::Duration patience) = 0;
  // Neither an end nor bytes have come: without a question under way, the connection is good for the next one.
  virtual bool Silent() = 0;
};

struct TlsFiles {
  std::string ca;           // PEM; empty: the authorities that this machine believes
  std::string certificate;  // PEM, with its chain; empty: none is shown
  std::string key;          // PEM, without a passphrase
};

// `socket` is connected and non-blocking, is borrowed and must outlive the transport.
std::unique_ptr<Transport> MakePlainTransport(int socket);
// The same with TLS 1.2 or newer on it; the handshake is done when it returns. Files are read now. `host` is the name
// or the address that the server's certificate must hold. UNAUTHENTICATED: the certificate is not believed;
// FAILED_PRECONDITION: a file cannot be used, or the server wants something else.
absl::StatusOr<std::unique_ptr<Transport>> MakeTlsTransport(int socket, const TlsFiles& files, const std::string& host,
                                                            absl::Duration patience);

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_REDIS_TRANSPORT_H_
