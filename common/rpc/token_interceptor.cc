#include "common/rpc/token_interceptor.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/log.h"
#include "common/config/config.h"

namespace tikhaul {
namespace {

class TokenInterceptor final : public grpc::experimental::Interceptor {
 public:
  explicit TokenInterceptor(const std::string& token_file) : token_file_(token_file) {}

  void Intercept(grpc::experimental::InterceptorBatchMethods* methods) override {
    if (methods->QueryInterceptionHookPoint(grpc::experimental::InterceptionHookPoints::PRE_SEND_INITIAL_METADATA)) {
      const absl::StatusOr<Secret> token = ReadRpcToken(token_file_);
      if (token.ok()) {
        auto& metadata = *methods->GetSendInitialMetadata();
        // A call made for somebody else shows that one's.
        if (metadata.count("authorization") == 0)
          metadata.emplace("authorization", absl::StrCat("Bearer ", token->Reveal()));
      } else {
        LogWarning("a call goes without a token", {{"reason", token.status().message()}});
      }
    }
    methods->Proceed();
  }

 private:
  const std::string token_file_;
};

class TokenInterceptorFactory final : public grpc::experimental::ClientInterceptorFactoryInterface {
 public:
  explicit TokenInterceptorFactory(std::string token_file) : token_file_(std::move(token_file)) {}
  grpc::experimental::Interceptor* CreateClientInterceptor(grpc::experimental::ClientRpcInfo* /*info*/) override {
    return new TokenInterceptor(token_file_);
  }

 private:
  const std::string token_file_;
};

}  // namespace

std::unique_ptr<grpc::experimental::ClientInterceptorFactoryInterface> MakeTokenInterceptor(std::string token_file) {
  return std::make_unique<TokenInterceptorFactory>(std::move(token_file));
}

}  // namespace tikhaul
