#include "common/config/config.h"

namespace tikhaul {

std::string StarterConfig() {
  return R"(# tikhaul: TikTok Ads data into your own database. Every key: docs/configuration.md.
# Check this file, and see how many calls and rows it means, before anything is spent: tikhaul plan
# Relative paths start from this file's folder. ${NAME} in paths and addresses is taken from the environment.

# Your app in TikTok's developer portal. Its id is needed, because the call quota belongs to the app.
app:
  id: ""                            # fill in
  secret_file: secrets/app_secret   # the app's secret, alone in a file that only you can read

# One connection per grant of an advertiser. token_file holds its access token, alone in a file that only you can read.
connections:
  - name: main
    token_file: secrets/token
    advertisers: all                # or ids: ["7002238017842757633"]

# What to read. One table per extract, named after it.
extracts:
  # Spend and results of every ad, day by day, two years back.
  - name: ads_daily
    stream: basic_report
    level: ad                       # advertiser, campaign, ad_group, ad
    dimensions: [stat_time_day]     # the ad's id is always there
    metrics: ["preset:core", "preset:video", campaign_id, adgroup_id]
    backfill: 2y                    # 730d, 18mo, all
    look_back: auto                 # days that each increment reads again: as long as figures move; or 7d
    schedule: "30 13 * * *"         # UTC; TikTok corrects yesterday at 12:00

  # Who saw the campaigns.
  - name: audience_daily
    stream: audience_report
    level: campaign
    dimensions: [stat_time_day, age, gender]
    metrics: audience_core
    schedule: "0 14 * * *"

  # The objects themselves, deleted ones too.
  - name: adverts
    stream: adverts
    schedule: "0 15 * * *"
  - name: ad_groups
    stream: ad_groups
    schedule: "10 15 * * *"
  - name: campaigns
    stream: campaigns
    schedule: "20 15 * * *"

  # Names for the interest category ids in the other tables.
  - name: interest_categories
    stream: interest_categories
    schedule: "0 16 * * 1"

  # More can be read; `tikhaul streams` lists it. Each is off until its lines are taken in.
  # - {name: accounts, stream: advertiser_info, schedule: "20 16 * * *"}
  # - {name: videos, stream: videos, history: true, schedule: "30 16 * * *"}
  # - {name: pixels, stream: pixels, schedule: "40 16 * * *"}

# Where rows and the record of what was read are kept.
# Or PostgreSQL: postgresql://tikhaul@host:5432/database?sslmode=verify-full, with store_options: {password_file: path}
store: sqlite:tikhaul.db

# Only needed with workers on several machines; `tikhaul local` starts a private one.
# redis: redis://127.0.0.1:6379/0
# Connections between machines are encrypted by `tls`; `identities` say who may do what: docs/security.md.

# The rate level of your app: basic (10 calls a second), second (20), third (30), fourth (50).
quota:
  tier: basic
)";
}

}  // namespace tikhaul
