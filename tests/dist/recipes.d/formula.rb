# SPDX-License-Identifier: ISC
#
# Stands in for Homebrew: installs by a formula from the directory that it is
# run in, and runs the formula's test.
#
# usage: ruby formula.rb FORMULA ARCHIVE DIRECTORY

require "digest"
require "fileutils"
require "pathname"
require "socket"

# As Homebrew has it, with install.
class Pathname
  def install(*paths)
    mkpath
    paths.each { |path| FileUtils.cp path, self }
  end
end

class Formula
  DIRECTORY = Pathname.new(ARGV.fetch(2))
  FACTS = {}
  DEPENDENCIES = []

  class << self
    attr_reader :service_block, :test_block

    %i[desc homepage url sha256 license].each do |name|
      define_method(name) { |value| FACTS[name] = value }
    end

    def inherited(formula)
      super
      @@formula = formula
    end

    def formula = @@formula

    def depends_on(what) = DEPENDENCIES << what

    def on_linux = yield

    def service(&block)
      @service_block = block
    end

    def test(&block)
      @test_block = block
    end
  end

  def prefix = DIRECTORY/"Cellar/muxproxy/0"

  def bin = prefix/"bin"

  def opt_bin = DIRECTORY/"opt/muxproxy/bin"

  def etc = DIRECTORY/"etc"

  def var = DIRECTORY/"var"

  def testpath = DIRECTORY/"test"

  def std_configure_args
    ["--disable-debug", "--disable-dependency-tracking", "--prefix=#{prefix}", "--libdir=#{prefix}/lib"]
  end

  def system(*words)
    Kernel.system(*words.map(&:to_s)) || raise("failed: #{words.join(" ")}")
  end

  def free_port
    TCPServer.open("127.0.0.1", 0) { |server| server.addr[1] }
  end

  def assert_equal(wanted, got)
    raise "#{got.inspect} is not #{wanted.inspect}" unless wanted == got
  end
end

path, archive, = ARGV
load path
klass = Formula.formula
missing = %i[desc homepage url sha256 license] - Formula::FACTS.keys
raise "without #{missing.join(", ")}" unless missing.empty?
raise "another name in its url" unless Formula::FACTS[:url].end_with?("/#{File.basename(archive)}")
raise "another sum" unless Formula::FACTS[:sha256] == Digest::SHA256.file(archive).hexdigest

formula = klass.new
formula.install
formula.testpath.mkpath
Dir.chdir(formula.testpath) { formula.instance_eval(&klass.test_block) }

# what launchd would be given
service = Object.new
calls = {}
service.define_singleton_method(:method_missing) do |name, *words, **options|
  formula.respond_to?(name) ? formula.public_send(name) : calls[name] = words.first || options
end
service.instance_eval(&klass.service_block)
program, option, config = calls.fetch(:run)
raise "runs #{program}" unless program == formula.opt_bin/"muxproxy"
raise "no file" unless option == "-f" && config.file?
puts "depends on #{Formula::DEPENDENCIES.inspect}"
