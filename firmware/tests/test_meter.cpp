#include <doctest/doctest.h>

#include "waveform.h"

using namespace pvf_test;
using doctest::Approx;

namespace {

Wave load(double amperes, double lag = 0.0) {
  Wave wave;
  for (uint8_t i = 0; i < pvf::kTransformers; ++i) {
    wave.amperes[i] = amperes;
    wave.lag_degrees[i] = lag;
  }
  return wave;
}

// The mean of ten seconds: one second scatters by half a watt at 50 A full scale.
pvf::MeterValues mean(Player& player, const Wave& wave) {
  player.play(wave, 2);
  pvf::MeterValues sum{};
  for (int i = 0; i < 10; ++i) {
    const pvf::MeterValues values = player.play(wave, 1);
    for (uint8_t c = 0; c < pvf::kTransformers; ++c) {
      sum.channels[c].watts += values.channels[c].watts / 10.0f;
      sum.channels[c].vars += values.channels[c].vars / 10.0f;
    }
  }
  return sum;
}

double mean_watts(Player& player, const Wave& wave, int windows, uint8_t channel = 0) {
  double sum = 0.0;
  player.play(wave, 2);
  for (int i = 0; i < windows; ++i) {
    sum += double(player.play(wave, 1).channels[channel].watts);
  }
  return sum / windows;
}

}  // namespace

TEST_CASE("real power within 0.2 % above 200 W, on every transformer") {
  for (const double amperes : {0.9, 2.0, 10.0, 25.0, 45.0}) {
    for (const double lag : {0.0, 30.0, -30.0, 60.0, 150.0, 180.0}) {
      Player player;
      const Wave wave = load(amperes, lag);
      const double apparent = 230.0 * amperes;
      const double watts = apparent * std::cos(lag * M_PI / 180.0);
      if (std::fabs(watts) < 200.0) continue;
      const pvf::MeterValues values = mean(player, wave);
      for (const pvf::ChannelValues& channel : values.channels) {
        CHECK(std::fabs(double(channel.watts) - watts) < 0.002 * apparent);
        const double vars = apparent * std::sin(lag * M_PI / 180.0);
        CHECK(std::fabs(double(channel.vars) - vars) < 0.005 * apparent + 2.0);
      }
    }
  }
}

TEST_CASE("half a watt at most where nothing flows") {
  Player player;
  CHECK(std::fabs(mean_watts(player, load(0.0), 10)) < 0.5);
  CHECK(double(player.play(load(0.0), 2).channels[0].amperes) < 0.06);
}

TEST_CASE("small loads dithered by noise") {
  Player player;
  CHECK(mean_watts(player, load(0.1), 20) == Approx(23.0).epsilon(0.05));
}

TEST_CASE("the sign tells the direction") {
  Player player;
  CHECK(player.play(load(10.0, 180.0), 3).channels[0].watts < -2290.0f);
  Player other;
  CHECK(other.play(load(10.0), 3).channels[0].watts > 2290.0f);
}

TEST_CASE("no flicker where mains and window do not fit") {
  for (const double hertz : {45.0, 49.8, 50.2, 55.0}) {
    Player player;
    Wave wave = load(8.7);
    wave.hertz = hertz;
    // What is left then comes from the window alone.
    wave.noise = 0.1;
    player.play(wave, 2);
    double sum = 0.0, squares = 0.0;
    for (int i = 0; i < 20; ++i) {
      const double watts = double(player.play(wave, 1).channels[0].watts);
      sum += watts / 20;
      squares += (watts - 2001.0) * (watts - 2001.0) / 20;
    }
    CHECK(std::sqrt(squares - (sum - 2001.0) * (sum - 2001.0)) < 0.35);
    CHECK(sum == Approx(8.7 * 230.0).epsilon(0.002));
    CHECK(double(player.play(wave, 1).hertz) == Approx(hertz).epsilon(0.0003));
  }
}

TEST_CASE("a phase error of 2 degrees is turned back") {
  Player player;
  // The current leads by 2 degrees too much; its power factor is 0.5, lagging.
  const Wave wave = load(10.0, 58.0);
  CHECK(mean_watts(player, wave, 3) > 1200.0);
  for (pvf::TransformerConfig& t : player.config().transformers) t.phase_degrees = 2.0f;
  for (uint8_t i = 0; i < pvf::kTransformers; ++i) {
    CHECK(mean_watts(player, wave, 3, i) == Approx(1150.0).epsilon(0.002));
  }
}

TEST_CASE("gains and zero") {
  Player player;
  player.config().voltage_gain = 1.02f;
  player.config().transformers[1].gain = 0.95f;
  player.config().transformers[1].zero_w = 5.0f;
  const pvf::MeterValues values = player.play(load(10.0), 3);
  CHECK(double(values.volts) == Approx(230.0 * 1.02).epsilon(0.001));
  CHECK(double(values.channels[1].watts) ==
        Approx(2300.0 * 1.02 * 0.95 - 5.0).epsilon(0.001));
  CHECK(double(values.channels[1].amperes) == Approx(9.5).epsilon(0.001));
}

TEST_CASE("harmonics and a bias change nothing") {
  Player player;
  Wave wave = load(10.0);
  wave.third_harmonic = 0.3;
  wave.bias = 14.0;
  const pvf::MeterValues values = player.play(wave, 3);
  CHECK(double(values.channels[0].watts) == Approx(2300.0).epsilon(0.001));
  CHECK(double(values.channels[0].amperes) ==
        Approx(10.0 * std::sqrt(1.09)).epsilon(0.002));
}

TEST_CASE("loads that are no sine, at every frequency of the grid") {
  struct Load {
    const char* name;
    double third, cut, pulse, lag, limit;
  };
  // Steep edges fall between the samples: where mains and samples keep step, as at 50 Hz
  // to the millihertz, always at the same places.
  const Load loads[] = {{"third harmonic", 0.4, 0.0, 0.0, 20.0, 0.002},
                        {"dimmer at 60 degrees", 0.0, 60.0, 0.0, 0.0, 0.005},
                        {"dimmer at 110 degrees", 0.0, 110.0, 0.0, 0.0, 0.005},
                        {"rectifier", 0.0, 0.0, 50.0, 0.0, 0.003},
                        {"fed back by an inverter", 0.05, 0.0, 0.0, 178.0, 0.002}};
  for (const Load& row : loads) {
    for (const double hertz : {49.5, 49.9, 50.0, 50.13, 50.5}) {
      for (const double amperes : {3.0, 12.0}) {
        Player player;
        Wave wave = load(amperes, row.lag);
        wave.hertz = hertz;
        wave.third_harmonic = row.third;
        wave.cut_degrees = row.cut;
        wave.pulse_degrees = row.pulse;
        wave.fifth_harmonic = -0.03;
        const pvf::MeterValues values = mean(player, wave);
        for (uint8_t i = 0; i < pvf::kTransformers; ++i) {
          const Truth true_ = truth(wave, i);
          if (std::fabs(true_.watts) < 200.0) continue;
          const double error = double(values.channels[i].watts) - true_.watts;
          CHECK_MESSAGE(std::fabs(error) < row.limit * true_.apparent,
                        std::string(row.name) << " at " << hertz << " Hz, " << amperes
                                 << " A: " << error << " of " << true_.watts);
        }
      }
    }
  }
}

TEST_CASE("a bias that drifts") {
  // Two counts in a second, as when the supply warms up.
  Player player;
  pvf::Meter meter{};
  pvf::MeterValues values{};
  Wave wave = load(10.0);
  double sum = 0.0;
  for (int windows = 0; windows < 12;) {
    wave.bias += 2.0 * pvf::kSamplePeriodUs * 1e-6;
    player.sample(wave);
    const pvf::Window* window = player.sampler().ready();
    if (window == nullptr) continue;
    meter.reduce(*window, player.config(), values);
    player.sampler().release();
    // The first two begin before the mains were found.
    if (++windows > 2) sum += double(values.channels[0].watts);
  }
  CHECK(sum / 10 == Approx(2300.0).epsilon(0.002));
}

TEST_CASE("a current beyond the range is noticed") {
  Player player;
  CHECK((player.play(load(10.0), 3).clipped & ~1) == 0);
  CHECK((player.play(load(80.0), 3).clipped & 2) != 0);
}

TEST_CASE("without a voltage watts are an estimate without sign") {
  Player player;
  Wave wave = load(10.0, 180.0);
  wave.volts = 0.0;
  const pvf::MeterValues values = player.play(wave, 3);
  CHECK(!values.voltage_present);
  CHECK(values.volts == 0.0f);
  CHECK(double(values.channels[0].watts) == Approx(2300.0).epsilon(0.01));
}

TEST_CASE("a voltage that comes and goes") {
  Player player;
  Wave wave = load(10.0);
  CHECK(player.play(wave, 3).voltage_present);
  wave.volts = 0.0;
  CHECK(!player.play(wave, 3).voltage_present);
  wave.volts = 230.0;
  const pvf::MeterValues values = player.play(wave, 3);
  CHECK(values.voltage_present);
  CHECK(double(values.hertz) == Approx(50.0).epsilon(0.001));
}

TEST_CASE("a node declared to have no voltage input never measures") {
  Player player;
  player.config().voltage_input = false;
  CHECK(!player.play(load(10.0), 3).voltage_present);
}

TEST_CASE("a window that is read late loses nothing") {
  Player player;
  const Wave wave = load(10.0);
  player.play(wave, 2);
  uint32_t sets = 0;
  for (int i = 0; i < pvf::kInputs * pvf::kSetsPerSecond * 7 / 2; ++i) player.sample(wave);
  pvf::Meter meter{};
  pvf::MeterValues values{};
  for (int windows = 0; windows < 2; ++windows) {
    while (player.sampler().ready() == nullptr) player.sample(wave);
    sets += player.sampler().ready()->sets;
    meter.reduce(*player.sampler().ready(), player.config(), values);
    player.sampler().release();
  }
  CHECK(sets >= pvf::kSetsPerSecond * 7 / 2);
  CHECK(double(values.channels[0].watts) == Approx(2300.0).epsilon(0.002));
}

TEST_CASE("sums cannot overflow while nobody reads") {
  Player player;
  Wave wave = load(200.0);
  wave.volts = 1000.0;
  for (int i = 0; i < pvf::kInputs * pvf::kSetsPerSecond * 30; ++i) player.sample(wave);
  for (int i = 0; i < 2; ++i) {
    while (player.sampler().ready() == nullptr) player.sample(wave);
    const pvf::Window& window = *player.sampler().ready();
    CHECK(window.sets <= pvf::kMostSets);
    CHECK(window.currents[0].square <= 8000u * 512u * 512u);
    CHECK(window.currents[0].before > 0);
    player.sampler().release();
  }
}
