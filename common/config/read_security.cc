// tls, identities.
#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/config/addresses.h"
#include "common/config/config_reader.h"
#include "common/config/values.h"

namespace tikhaul {
namespace {

constexpr size_t kHashDigits = 64;

absl::StatusOr<v1::Role> ParseRole(absl::string_view text) {
  v1::Role role = v1::ROLE_UNSPECIFIED;
  if (text == absl::AsciiStrToLower(text) &&
      v1::Role_Parse(absl::StrCat("ROLE_", absl::AsciiStrToUpper(text)), &role) && role != v1::ROLE_UNSPECIFIED) {
    return role;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("\"", text, "\" is no role: write viewer, operator, worker, coordinator or scaler"));
}

// The text is not repeated: it might be the token itself.
absl::StatusOr<std::string> ParseTokenHash(absl::string_view text) {
  if (text.size() == kHashDigits && std::all_of(text.begin(), text.end(), absl::ascii_isxdigit)) {
    return absl::AsciiStrToLower(text);
  }
  return absl::InvalidArgumentError(
      "a hash has 64 hexadecimal digits: the SHA-256 of the token, as `tikhaul token new` prints it");
}

absl::StatusOr<std::string> ParseCertificateName(absl::string_view text) {
  const bool plain = std::all_of(text.begin(), text.end(), absl::ascii_isgraph);
  if (plain && !text.empty()) return std::string(text);
  return absl::InvalidArgumentError("a certificate's name is a DNS name, a URI, or a common name without blanks");
}

void ReadIdentity(YamlReader& yaml, const YamlValue& value, v1::Identity& identity) {
  const auto keys =
      yaml.Map(value,
               {
                   {"name", yaml.Into(ParseName, [&](std::string name) { identity.set_name(name); })},
                   {"role", yaml.Into(ParseRole, [&](v1::Role role) { identity.set_role(role); })},
                   {"certificate",
                    yaml.Into(ParseCertificateName, [&](std::string name) { identity.set_certificate_name(name); })},
                   {"token_hash", yaml.Into(ParseTokenHash, [&](std::string hash) { identity.set_token_hash(hash); })},
               },
               {"name", "role"});
  if (keys.count("certificate") + keys.count("token_hash") == 0) {
    yaml.Problem(value, "needs certificate or token_hash: how is it known?");
  }
}

}  // namespace

void ReadTls(YamlReader& yaml, const YamlValue& value, const std::string& folder, v1::Tls& tls) {
  const auto path = [folder](absl::string_view text) { return ParsePath(text, folder); };
  yaml.Map(value, {
                      {"ca_file", yaml.Into(path, [&](std::string file) { tls.set_ca_file(file); })},
                      {"certificate_file", yaml.Into(path, [&](std::string file) { tls.set_certificate_file(file); })},
                      {"key_file", yaml.Into(path, [&](std::string file) { tls.set_key_file(file); })},
                  });
  if (tls.certificate_file().empty() != tls.key_file().empty()) {
    yaml.Problem(value, "certificate_file and key_file belong together: name both");
  }
}

void ReadIdentities(YamlReader& yaml, const YamlValue& value, v1::Config& config) {
  std::set<std::string> names;
  const std::vector<YamlValue> elements = yaml.List(value);
  // An empty list would open every door, which nobody means who writes the key.
  if (value.node.IsSequence() && elements.empty()) {
    yaml.Problem(value, "name at least one, or leave the key out: then everybody may do everything");
  }
  for (const YamlValue& element : elements) {
    v1::Identity& identity = *config.add_identities();
    ReadIdentity(yaml, element, identity);
    if (!identity.name().empty() && !names.insert(identity.name()).second) {
      yaml.Problem(element, absl::StrCat("the name \"", identity.name(), "\" is used twice"));
    }
  }
}

void CheckForeign(YamlReader& yaml, const ForeignAddress& foreign, const v1::Config& config) {
  if (foreign.address.empty() || config.has_tls()) return;
  const std::string reached = absl::StrCat("\"", foreign.address, "\" can be reached from other machines, and ");
  if (!config.coordinator().allow_plaintext()) {
    yaml.Problem(foreign.value,
                 absl::StrCat(reached,
                              "connections are not encrypted without `tls`: name its files, listen on 127.0.0.1 or a "
                              "Unix socket, or say allow_plaintext: true where the network is yours alone"));
  } else if (!config.identities().empty()) {
    yaml.Problem(foreign.value, absl::StrCat(reached,
                                             "`identities` need `tls` there: a token that goes unencrypted is "
                                             "anybody's"));
  }
}

}  // namespace tikhaul
