// `tikhaul streams`: what can be extracted.
#include <CLI/CLI.hpp>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/commands/commands.h"
#include "cli/format.h"
#include "cli/table.h"

namespace tikhaul {
namespace {

// How sure the stream is, for the overview.
std::string Facts(const v1::StreamInfo& stream) {
  return absl::StrCat(stream.evidence(), stream.evidence_note().empty() ? "" : " *");
}

std::string OptionText(const v1::OptionInfo& option) {
  std::string text = option.name();
  if (option.values_size() > 0) absl::StrAppend(&text, " (", absl::StrJoin(option.values(), " "), ")");
  if (option.required()) absl::StrAppend(&text, ", needed");
  if (!option.note().empty()) absl::StrAppend(&text, ": ", option.note());
  return text;
}

void PrintOverview(Console& console, const v1::ListStreamsResponse& answer) {
  TextTable table({{"stream"},
                   {"what"},
                   {"levels"},
                   {"dimensions", true},
                   {"metrics", true},
                   {"fields", true},
                   {"endpoint"},
                   {"facts"},
                   {"sandbox"}});
  for (const v1::StreamInfo& stream : answer.streams()) {
    table.Add({stream.name(), stream.title(), stream.levels().empty() ? "-" : absl::StrJoin(stream.levels(), " "),
               absl::StrCat(stream.dimensions_size()), absl::StrCat(stream.metrics_size()),
               absl::StrCat(stream.fields_size()), stream.endpoint(), Facts(stream),
               stream.in_sandbox() ? "yes" : "-"});
  }
  console.out << table.Render()
              << "facts: \"one source\" and \"unconfirmed\" are not certain; \"*\": a part of them is not\n"
                 "`tikhaul streams STREAM` shows dimensions, metrics, presets, options and limits\n";
}

void PrintStream(Console& console, const v1::StreamInfo& stream) {
  console.out << Printable(stream.name()) << ": " << Printable(stream.title()) << "\nendpoint "
              << Printable(stream.endpoint());
  if (!stream.source().empty()) console.out << " (" << Printable(stream.source()) << ")";
  console.out << "\n";
  console.out << "facts    " << Printable(stream.evidence());
  if (!stream.evidence_note().empty()) console.out << "; " << Printable(stream.evidence_note());
  console.out << "\nsandbox  " << (stream.in_sandbox() ? "supported" : "not supported (2.4)") << "\n";
  if (!stream.levels().empty()) console.out << "levels   " << absl::StrJoin(stream.levels(), ", ") << "\n";
  for (const std::string& limit : stream.limits()) console.out << "limit    " << Printable(limit) << "\n";
  for (const v1::OptionInfo& option : stream.options()) {
    console.out << "option   " << Printable(OptionText(option)) << "\n";
  }
  for (const v1::PresetInfo& preset : stream.presets()) {
    console.out << "preset   " << Printable(preset.name()) << ": " << Printable(absl::StrJoin(preset.metrics(), ", "))
                << "\n";
  }
  TextTable dimensions({{"dimension"}, {"type"}, {"levels"}, {"late by"}, {"note"}});
  for (const v1::DimensionInfo& dimension : stream.dimensions()) {
    dimensions.Add({dimension.name(), dimension.type(), absl::StrJoin(dimension.levels(), " "), dimension.lag(),
                    dimension.note()});
  }
  TextTable metrics({{"metric"}, {"type"}, {"group"}, {"levels"}, {"late by"}, {"note"}});
  for (const v1::MetricInfo& metric : stream.metrics()) {
    metrics.Add({metric.name(), metric.type(), metric.group(), absl::StrJoin(metric.levels(), " "), metric.lag(),
                 metric.note()});
  }
  TextTable fields({{"field"}, {"type"}, {"key"}});
  for (const v1::FieldInfo& field : stream.fields()) fields.Add({field.name(), field.type(), field.key() ? "key" : ""});
  for (const TextTable* table : {&dimensions, &metrics, &fields}) {
    if (!table->empty()) console.out << "\n" << table->Render();
  }
}

int RunStreams(Session& session, const std::string& stream) {
  const absl::StatusOr<AdminClient*> client = session.ConnectOrStart();
  if (!client.ok()) return session.Fail(client.status());
  v1::ListStreamsRequest request;
  request.set_stream(stream);
  const auto answer = (*client)->Call(&v1::Admin::Stub::ListStreams, request);
  if (!answer.ok()) return session.Fail(answer.status());
  if (session.PrintedAsJson(*answer)) return kExitOk;
  if (stream.empty()) {
    PrintOverview(session.console(), *answer);
  } else {
    for (const v1::StreamInfo& info : answer->streams()) PrintStream(session.console(), info);
  }
  return kExitOk;
}

}  // namespace

void AddStreams(CLI::App& app, Session& session) {
  CLI::App* command = app.add_subcommand(
      "streams",
      "Shows what can be extracted: levels, dimensions, metrics with their types, presets, options, limits,\n"
      "how sure the facts are, and what the sandbox supports.\n"
      "Starts a coordinator for the length of the command when none runs here.");
  const auto stream = std::make_shared<std::string>();
  command->add_option("STREAM", *stream, "Everything about this stream; none: an overview");
  command->callback([&session, stream] { session.exit_code = RunStreams(session, *stream); });
}

}  // namespace tikhaul
